// Second opinion on the witness (C2SP tlog-witness): a prober that shares no code with detente.
// It builds logs with golang.org/x/mod/sumdb (Debian: golang-golang-x-mod-dev), asks for each
// answer that the protocol knows, and checks cosignatures with code of its own.
//
//	probe keys                  the verifier keys of its logs, a line each
//	probe URL WITNESS-VKEY      ask the witness at URL, which knows all of them
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var (
	faults  int
	url     string
	witness cosigner
	latest  = map[string]uint64{} // time of the newest cosignature, by origin
	guard   sync.Mutex
)

func check(good bool, format string, args ...interface{}) {
	if !good {
		faults++
		fmt.Printf("FAULT "+format+"\n", args...)
	}
}

// ---- logs ----------------------------------------------------------------------------------

// zeros is no random source: the keys are for tests, and the same in each run.
type zeros byte

func (z zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(z)
	}
	return len(p), nil
}

type log struct {
	origin string
	signer note.Signer
	vkey   string
	hashes []tlog.Hash
	size   int64
}

func (l *log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = l.hashes[x]
	}
	return out, nil
}

func newLog(number byte, origin string) *log {
	skey, vkey, err := note.GenerateKey(zeros(number), origin)
	if err != nil {
		panic(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		panic(err)
	}
	return &log{origin: origin, signer: signer, vkey: vkey}
}

var names = []string{"plain", "empty", "late", "busy"}

func logs() map[string]*log {
	out := map[string]*log{}
	for i, name := range names {
		out[name] = newLog(byte(i+1), "probe.example/"+name)
	}
	return out
}

func (l *log) grow(to int64) {
	for ; l.size < to; l.size++ {
		more, err := tlog.StoredHashes(l.size, []byte(fmt.Sprintf("%s entry %d", l.origin, l.size)), l)
		if err != nil {
			panic(err)
		}
		l.hashes = append(l.hashes, more...)
	}
}

func (l *log) root(size int64) tlog.Hash {
	if size == 0 { // the module of Debian 12 says 32 zero bytes
		return sha256.Sum256(nil)
	}
	h, err := tlog.TreeHash(size, l)
	if err != nil {
		panic(err)
	}
	return h
}

func (l *log) text(size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", l.origin, size, root)
}

func sign(text string, signers ...note.Signer) string {
	out, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func (l *log) checkpoint(size int64) string { return sign(l.text(size, l.root(size)), l.signer) }

func (l *log) proof(from, to int64) tlog.TreeProof {
	if from == 0 || from == to {
		return nil
	}
	p, err := tlog.ProveTree(to, from, l)
	if err != nil {
		panic(err)
	}
	return p
}

// ---- asking --------------------------------------------------------------------------------

func body(old string, proof tlog.TreeProof, signed string) string {
	b := "old " + old + "\n"
	for _, h := range proof {
		b += h.String() + "\n"
	}
	return b + "\n" + signed
}

func ask(method, path, text string) (int, string, string) {
	req, err := http.NewRequest(method, url+path, strings.NewReader(text))
	if err != nil {
		panic(err)
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error(), ""
	}
	defer r.Body.Close()
	got, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(got), r.Header.Get("Content-Type")
}

func post(text string) (int, string, string) { return ask("POST", "/witness/add-checkpoint", text) }

// want posts and expects that status; of 409 also the size that it names.
func want(what string, text string, status int, size int64) string {
	code, got, kind := post(text)
	check(code == status, "%s: %d, not %d: %q", what, code, status, got)
	if status == 409 && code == 409 {
		check(kind == "text/x.tlog.size", "%s: type %q", what, kind)
		check(got == fmt.Sprintf("%d\n", size), "%s: says %q, not %d", what, got, size)
	}
	if code >= 400 && code != 409 {
		check(strings.Count(got, "\n") == 1 && strings.HasSuffix(got, "\n"), "%s: no line of text: %q", what, got)
	}
	return got
}

// take expects a cosignature, and checks it.
func (l *log) take(what string, old, size int64) {
	began := time.Now().Unix()
	got := want(what, body(strconv.FormatInt(old, 10), l.proof(old, size), l.checkpoint(size)), 200, 0)
	l.cosigned(what, got, size, began)
}

func (l *log) cosigned(what, lines string, size, began int64) {
	text := l.text(size, l.root(size))
	found := 0
	for _, line := range strings.SplitAfter(lines, "\n") {
		if line == "" {
			continue
		}
		f := strings.Fields(line)
		raw, err := base64.StdEncoding.DecodeString(f[len(f)-1])
		if len(f) != 3 || f[0] != "—" || f[1] != witness.name || err != nil || len(raw) != 4+8+64 ||
			!bytes.Equal(raw[:4], witness.id) {
			check(false, "%s: no line of the witness: %q", what, line)
			continue
		}
		when := binary.BigEndian.Uint64(raw[4:12])
		signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", when, text)
		check(ed25519.Verify(witness.key, []byte(signed), raw[12:]), "%s: the cosignature does not verify", what)
		check(!ed25519.Verify(witness.key, []byte(text), raw[12:]), "%s: signed without its header", what)
		check(int64(when) >= began-1 && int64(when) <= time.Now().Unix()+1, "%s: time %d", what, when)
		guard.Lock()
		check(when >= latest[l.origin], "%s: time went back", what)
		latest[l.origin] = when
		guard.Unlock()
		found++
	}
	check(found == 1, "%s: %d lines of the witness", what, found)
}

// monitored is what it says that it cosigned last.
func (l *log) monitored(what string, size int64) {
	code, got, kind := ask("GET", fmt.Sprintf("/witness/%x/checkpoint", sha256.Sum256([]byte(l.origin))), "")
	check(code == 200 && strings.HasPrefix(kind, "text/plain"), "%s: monitoring: %d %s", what, code, kind)
	verifier, err := note.NewVerifier(l.vkey)
	if err != nil {
		panic(err)
	}
	n, err := note.Open([]byte(got), note.VerifierList(verifier))
	if err != nil {
		check(false, "%s: monitoring: %v", what, err)
		return
	}
	check(n.Text == l.text(size, l.root(size)), "%s: monitoring: another tree: %q", what, n.Text)
	lines := got[len(n.Text)+1:]
	mine := ""
	for _, line := range strings.SplitAfter(lines, "\n") {
		if strings.HasPrefix(line, "— "+witness.name+" ") {
			mine += line
		}
	}
	l.cosigned(what+": monitoring", mine, size, int64(latest[l.origin]))
}

type cosigner struct {
	name string
	id   []byte
	key  ed25519.PublicKey
}

func parse(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != 4 {
		panic("no cosigner's key: " + vkey)
	}
	id := sha256.Sum256([]byte(parts[0] + "\n" + string(raw)))
	if fmt.Sprintf("%x", id[:4]) != parts[1] {
		panic("the id does not fit the key: " + vkey)
	}
	return cosigner{parts[0], id[:4], raw[1:]}
}

// ---- what is asked -------------------------------------------------------------------------

func growing(l *log) int64 {
	sizes := []int64{1, 2, 3, 4, 7, 8, 9, 255, 256, 257, 1000, 1023, 1024, 1025}
	last := int64(0)
	code, _, _ := ask("GET", fmt.Sprintf("/witness/%x/checkpoint", sha256.Sum256([]byte(l.origin))), "")
	check(code == 404, "monitoring before the first: %d", code)
	l.grow(1025)
	for _, size := range sizes {
		what := fmt.Sprintf("%d to %d", last, size)
		request := body(strconv.FormatInt(last, 10), l.proof(last, size), l.checkpoint(size))
		for i := range l.proof(last, size) { // each hash of the proof counts
			p := append(tlog.TreeProof{}, l.proof(last, size)...)
			p[i][7] ^= 1
			want(what+", a bent proof", body(strconv.FormatInt(last, 10), p, l.checkpoint(size)), 422, 0)
		}
		if n := len(l.proof(last, size)); n > 0 {
			p := l.proof(last, size)
			want(what+", a short proof", body(strconv.FormatInt(last, 10), p[:n-1], l.checkpoint(size)), 422, 0)
			want(what+", a long proof", body(strconv.FormatInt(last, 10), append(append(tlog.TreeProof{}, p...), p[0]), l.checkpoint(size)), 422, 0)
		}
		l.take(what, last, size)
		if last != size {
			want(what+", again", request, 409, size)
		}
		l.take(what+", once more", size, size)
		l.monitored(what, size)
		last = size
	}
	return last
}

func states(l *log, size int64) {
	n := func(x int64) string { return strconv.FormatInt(x, 10) }
	other := l.root(size)
	other[0] ^= 1
	want("old above the tree", body(n(size+1), nil, l.checkpoint(size)), 400, 0)
	want("old below the state", body("0", nil, l.checkpoint(size)), 409, size)
	want("going back", body(n(size-1), nil, l.checkpoint(size-1)), 409, size)
	want("a proof between equals", body(n(size), l.proof(1, 2), l.checkpoint(size)), 422, 0)
	want("another root of this size", body(n(size), nil, sign(l.text(size, other), l.signer)), 422, 0)
	l.take("after a fork that was refused", size, size)
	l.monitored("after a fork that was refused", size)
}

func signatures(l *log, stranger *log, size int64) {
	good := l.checkpoint(size)
	n := strconv.FormatInt(size, 10)
	bent := []byte(good)
	at := len(bent) - 10
	bent[at] = map[bool]byte{true: 'B', false: 'A'}[bent[at] == 'A']
	want("a bent signature", body(n, nil, string(bent)), 403, 0)
	impostor := newLog(99, l.origin)
	want("another key of this name", body(n, nil, sign(l.text(size, l.root(size)), impostor.signer)), 403, 0)
	want("a stranger alone", body(n, nil, sign(l.text(size, l.root(size)), stranger.signer)), 403, 0)
	moved := strings.Replace(good, "\n"+n+"\n", "\n"+strconv.FormatInt(size+1, 10)+"\n", 1)
	want("signed for another size", body(n, nil, moved), 403, 0)
	began := time.Now().Unix()
	l.cosigned("lines of others beside", want("lines of others beside",
		body(n, nil, sign(l.text(size, l.root(size)), l.signer, stranger.signer, impostor.signer)), 200, 0), size, began)
	unknown := newLog(98, "probe.example/unknown")
	unknown.grow(1)
	want("an unknown log", body("0", nil, unknown.checkpoint(1)), 404, 0)
	want("an unknown log, unsigned by itself", body("5", nil, sign(unknown.text(1, unknown.root(1)), l.signer)), 404, 0)
}

func forms(l *log, size int64) {
	good := l.checkpoint(size)
	n := strconv.FormatInt(size, 10)
	line := l.root(1).String() + "\n"
	text := l.text(size, l.root(size))
	for what, b := range map[string]string{
		"empty":              "",
		"no old":             "\n" + good,
		"a sign":             body("-1", nil, good),
		"a plus":             body("+1", nil, good),
		"a zero before":      body("0"+n, nil, good),
		"a space":            body(n+" ", nil, good),
		"over 64 bits":       body("18446744073709551616", nil, good),
		"over 63 bits":       body("9223372036854775808", nil, good),
		"no number":          body("", nil, good),
		"upper case":         strings.Replace(body(n, nil, good), "old", "Old", 1),
		"no empty line":      "old " + n + "\n" + good,
		"64 lines":           "old " + n + "\n" + strings.Repeat(line, 64) + "\n" + good,
		"a short hash":       "old " + n + "\n" + line[:40] + "\n\n" + good,
		"a hash not base64":  "old " + n + "\n" + "*" + line[1:] + "\n" + good,
		"tail bits":          "old " + n + "\n" + strings.Repeat("A", 42) + "B=\n\n" + good,
		"CR LF":              strings.ReplaceAll(body(n, nil, good), "\n", "\r\n"),
		"CR LF in the note":  "old " + n + "\n\n" + strings.ReplaceAll(good, "\n", "\r\n"),
		"no note":            body(n, nil, ""),
		"no signature":       body(n, nil, text),
		"no end":             strings.TrimSuffix(body(n, nil, good), "\n"),
		"a control in it":    body(n, nil, strings.Replace(good, l.origin+"\n"+n, l.origin+"\n"+n+"\x01", 1)),
		"a size with a zero": body(n, nil, sign(strings.Replace(text, "\n"+n+"\n", "\n0"+n+"\n", 1), l.signer)),
		"a short root":       body(n, nil, sign(l.origin+"\n"+n+"\nAAAA\n", l.signer)),
		"two lines":          body(n, nil, sign(l.origin+"\n"+n+"\n", l.signer)),
	} {
		want("form: "+what, b, 400, 0)
	}
	want("63 lines that prove nothing", "old "+n+"\n"+strings.Repeat(line, 63)+"\n"+good, 422, 0)
	code, got, _ := post(body(n, nil, good) + strings.Repeat("x", 1<<20))
	check(code == 413 || code == 400 || code == 0, "a megabyte: %d %q", code, got)
	code, _, _ = ask("GET", "/witness/add-checkpoint", "")
	check(code == 405, "GET of it: %d", code)
	for _, bad := range []string{"abc", strings.Repeat("z", 64), strings.Repeat("A", 64)} {
		code, _, _ = ask("GET", "/witness/"+bad+"/checkpoint", "")
		check(code == 400, "monitoring %.5s: %d", bad, code)
	}
	l.take("after all that", size, size)
}

func empty(l, late *log) {
	zero := tlog.Hash{}
	want("empty, and a root of zeros", body("0", nil, sign(l.text(0, zero), l.signer)), 422, 0)
	want("empty, and a proof", body("0", tlog.TreeProof{zero}, l.checkpoint(0)), 422, 0)
	want("old 1 of an empty one", body("1", nil, l.checkpoint(0)), 400, 0)
	l.take("empty", 0, 0)
	l.monitored("empty", 0)
	l.take("empty, again", 0, 0)
	l.grow(5)
	want("from nothing, and a proof", body("0", l.proof(2, 5), l.checkpoint(5)), 422, 0)
	l.take("from nothing", 0, 5)
	l.monitored("from nothing", 5)
	want("back to nothing", body("0", nil, l.checkpoint(0)), 409, 5)
	late.grow(70)
	want("a size that it never saw", body("3", late.proof(3, 70), late.checkpoint(70)), 409, 0)
	late.take("first seen late", 0, 70)
}

// Of many who go on from one size one is served, and what is said fits one history.
func busy(l *log) {
	l.grow(400)
	last := int64(0)
	for round := int64(0); round < 15; round++ {
		var wait sync.WaitGroup
		var mutex sync.Mutex
		won := []int64{}
		for i := int64(1); i <= 12; i++ {
			wait.Add(1)
			go func(to int64) {
				defer wait.Done()
				code, got, _ := post(body(strconv.FormatInt(last, 10), l.proof(last, to), l.checkpoint(to)))
				mutex.Lock()
				defer mutex.Unlock()
				if code == 200 {
					won = append(won, to)
					l.cosigned("busy", got, to, time.Now().Unix()-60)
					return
				}
				size, err := strconv.ParseInt(strings.TrimSpace(got), 10, 64)
				check(code == 409 && err == nil && size > last && size <= last+12, "busy: %d %q", code, got)
			}(last + i)
		}
		wait.Wait()
		check(len(won) == 1, "busy: %d of one size were cosigned", len(won))
		if len(won) > 0 {
			last = won[0]
		}
		l.monitored("busy", last)
	}
}

func main() {
	all := logs()
	if len(os.Args) == 2 && os.Args[1] == "keys" {
		for _, name := range names {
			fmt.Println(all[name].vkey)
		}
		return
	}
	url, witness = strings.TrimSuffix(os.Args[1], "/"), parse(os.Args[2])
	last := growing(all["plain"])
	states(all["plain"], last)
	signatures(all["plain"], newLog(97, "probe.example/stranger"), last)
	forms(all["plain"], last)
	empty(all["empty"], all["late"])
	busy(all["busy"])
	fmt.Printf("%d faults\n", faults)
	if faults > 0 {
		os.Exit(1)
	}
}
