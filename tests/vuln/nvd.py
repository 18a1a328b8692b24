"""Unpacks NVD's records of the shared data for test_nvd: a year, and the samples, which are in a
wrapper of others, one behind the other.  Without shared data the rest is tested."""
import json, lzma, pathlib, subprocess, sys, tempfile

test, data = sys.argv[1], pathlib.Path(sys.argv[2])
year = data / 'nvd' / 'nvdcve-2.0-2021.json.xz'
if not year.exists():
    sys.exit(subprocess.run([test]).returncode)
with tempfile.TemporaryDirectory(prefix='detente-test.') as top:
    to = pathlib.Path(top)
    (to / 'nvdcve-2.0-2021.json').write_bytes(lzma.decompress(year.read_bytes()))
    with (to / 'samples.json').open('w') as f:
        for sample in sorted((data / 'nvd20-samples').glob('*.json')):
            record = json.loads(sample.read_text())
            json.dump(record.get('item', record), f, ensure_ascii=False, indent=1)
            f.write('\n')
    sys.exit(subprocess.run([test, data / 'cpe', top]).returncode)
