// Second opinion on an exported log: a checker of C2SP tlog-tiles that shares no code with
// detente.  It uses golang.org/x/mod/sumdb (Debian: golang-golang-x-mod-dev).
//
//	check DIR VKEY [COSIGNER-VKEY…]
//
// DIR holds checkpoint, tile/… and may hold older checkpoints as checkpoint.N.  Checked are
// the log's signature on each, every cosigner's on the newest, every entry against the tiles
// and the tiles against the root, and that the newest tree contains every older one.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosigner verifies cosignature/v1 lines (C2SP tlog-cosignature, algorithm 4).
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	when := binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", when, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key: " + vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("not a cosigner's key: " + vkey)
	}
	sum := sha256.Sum256([]byte(parts[0] + "\n" + string(key)))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("the id does not fit the key: " + vkey)
	}
	return &cosigner{parts[0], hash, key[1:]}, nil
}

// openCheckpoint wants a signature of each verifier.
func openCheckpoint(file string, origin string, verifiers ...note.Verifier) (tree tlog.Tree, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return tree, err
	}
	n, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		return tree, err
	}
	if len(n.Sigs) != len(verifiers) {
		return tree, fmt.Errorf("%d of %d known keys signed", len(n.Sigs), len(verifiers))
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != origin {
		return tree, errors.New("not a checkpoint of " + origin)
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err == nil {
		tree.Hash, err = tlog.ParseHash(lines[2])
	}
	return tree, err
}

// tiles reads the layout of C2SP, which has no height in its paths.
type tiles struct{ dir string }

func (t tiles) Height() int                     { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) path(p string) string {
	return filepath.Join(t.dir, "tile", strings.TrimPrefix(p, "tile/8/"))
}
func (t tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range list {
		data, err := os.ReadFile(t.path(tile.Path()))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// entries of one bundle.
func (t tiles) entries(n, width int64) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: -1, N: n, W: int(width)}
	path := strings.Replace(tile.Path(), "tile/8/data", "tile/8/entries", 1)
	data, err := os.ReadFile(t.path(path))
	var all [][]byte
	for err == nil && len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("cut bundle " + path)
		}
		size := int(binary.BigEndian.Uint16(data))
		all = append(all, data[2:2+size])
		data = data[2+size:]
	}
	if err == nil && int64(len(all)) != width {
		err = errors.New("wrong number of entries in " + path)
	}
	return all, err
}

func checkEntries(t tiles, tree tlog.Tree, reader tlog.HashReader) error {
	for n := int64(0); n*256 < tree.N; n++ {
		width := tree.N - n*256
		if width > 256 {
			width = 256
		}
		list, err := t.entries(n, width)
		if err != nil {
			return err
		}
		for i, entry := range list {
			index := n*256 + int64(i)
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			if err == nil {
				err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
			}
			if err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
		}
	}
	return nil
}

func checkOlder(dir string, origin string, log note.Verifier, tree tlog.Tree, reader tlog.HashReader) (int, error) {
	files, err := filepath.Glob(filepath.Join(dir, "checkpoint.*"))
	for _, file := range files {
		old, err := openCheckpoint(file, origin, log)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		if old.N == 0 {
			empty := sha256.Sum256(nil)
			if !bytes.Equal(old.Hash[:], empty[:]) {
				return 0, errors.New("wrong root of the empty tree in " + file)
			}
			continue
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err == nil {
			err = tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
		}
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
	}
	return len(files), err
}

func run(dir, vkey string, cosigners []string) error {
	log, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	verifiers := []note.Verifier{log}
	for _, key := range cosigners {
		c, err := newCosigner(key)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, c)
	}
	tree, err := openCheckpoint(filepath.Join(dir, "checkpoint"), log.Name(), verifiers...)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	reader := tlog.TileHashReader(tree, tiles{dir})
	if err := checkEntries(tiles{dir}, tree, reader); err != nil {
		return err
	}
	older, err := checkOlder(dir, log.Name(), log, tree, reader)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d entries, %d cosigners, %d older checkpoints: good\n", log.Name(), tree.N,
		len(cosigners), older)
	return nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: check DIR VKEY [COSIGNER-VKEY…]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}
