"""What an audit and a plan of 10,000 services cost, as processor time: depend.py DETENTE SCRATCH [ROOT-ZONE].

No two services lack the same, which is the worst case of a plan."""
import csv, os, random, resource, subprocess, sys

detente, scratch = sys.argv[1:3]
zone = sys.argv[3:4] if len(sys.argv) > 3 and os.path.exists(sys.argv[3]) else []
N, rnd, path = 10000, random.Random(1), f'{scratch}/services.csv'
os.makedirs(f'{scratch}/depend/tables', exist_ok=True)
if os.path.exists(f'{scratch}/tables.bin'):
    subprocess.run(['cp', f'{scratch}/tables.bin', f'{scratch}/depend/tables/tables.bin'], check=True)
address = lambda: '.'.join(str(rnd.randint(1, 223)) for _ in range(4))
with open(path, 'w', newline='') as f:
    w = csv.writer(f)
    w.writerow('id,name,owner,criticality,domain,ns,mx,a/aaaa,cdn,ca_issuer,ocsp_crl_host,time_source,login_idp,package_mirror,registrar,cost,lead_days'.split(','))
    for i in range(N):
        w.writerow([i, f'Service "{i}", x', f'Owner {i % 50}', rnd.randint(1, 5), f's{i}.example.{rnd.choice(["fi", "se", "com"])}', f'{address()};ns{i % 500}.prov{i % 97}.fi',
                    f'{address()};{address()}', address(), rnd.choice(['A CDN', '', 'AS64500']), rnd.choice(['A CA', 'B CA']), 'ocsp.example.org', address(), rnd.choice(['idp.fi', '']),
                    'packages.example.org', 'Registrar', rnd.randint(0, 9000), rnd.randint(1, 90)])
for what, args in (('depend_audit', ['audit']), ('depend_audit_links', ['audit', '--level', 'link']), ('depend_plan', ['plan', '--steps', '0'])):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([detente, '--dir', f'{scratch}/depend', 'depend', args[0], path, *args[1:], '--home', 'FI', *[f'--zone={z}' for z in zone], '-o', 'csv'],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f'{what} {seconds:.3f} s ({N} services, {os.path.getsize(path)} bytes)')
