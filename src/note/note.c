#include "note/note.h"

#include "note/key_priv.h"
#include "wire/base64.h"
#include "wire/utf8.h"

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space begin a signature line */

enum {
    DASH = sizeof dash - 1,
    ID = 4,
    SIGNATURE_01 = ID + KEY_SIGNATURE,
    SIGNATURE_04 = ID + 8 + KEY_SIGNATURE
};

/* ---- Form ---- */

static int
check_bytes(struct slice s, struct errinfo *ei)
{
    unsigned line = 1;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c < 0x20 && c != '\n')
            return err_at(ei, ERR_INVALID, line, 0, "control character in a note");
        line += c == '\n';
    }
    return utf8_ok(s) ? 0 : err_set(ei, ERR_INVALID, "a note must be UTF-8");
}

/* Where the last empty line is: the offset of the LF that ends the text; s.len when none. */
static size_t
last_empty_line(struct slice s)
{
    for (size_t i = s.len; i > 1; i--) {
        if (s.ptr[i - 1] == '\n' && s.ptr[i - 2] == '\n')
            return i - 2;
    }
    return s.len;
}

static int
parse_line(struct slice line, struct note_line *ret)
{
    struct slice rest = slice_sub(line, DASH, line.len);
    const char *space = rest.len == 0 ? NULL : memchr(rest.ptr, ' ', rest.len);
    size_t at = space == NULL ? 0 : (size_t)(space - rest.ptr);
    uint8_t id[6]; /* of 8 characters of base64 */
    size_t n;

    if (!slice_is(slice_sub(line, 0, DASH), dash) || space == NULL)
        return ERR_INVALID;
    ret->name = slice_sub(rest, 0, at);
    ret->base64 = slice_sub(rest, at + 1, rest.len);
    if (!key_name_form(ret->name) || base64_decode(ret->base64, NULL, SIZE_MAX, &n) < 0 ||
        n <= ID || base64_decode(slice_sub(ret->base64, 0, 8), id, sizeof id, &n) < 0)
        return ERR_INVALID;
    ret->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    return 0;
}

static bool
same_key(const struct note_line *a, const struct note_line *b)
{
    return a->id == b->id && slice_eq(a->name, b->name);
}

static const struct note_line *
find_line(const struct note *n, const struct note_line *line)
{
    for (unsigned i = 0; i < n->count; i++) {
        if (same_key(&n->line[i], line))
            return &n->line[i];
    }
    return NULL;
}

int
note_parse(struct slice bytes, size_t max, struct note *ret, struct errinfo *ei)
{
    size_t split = last_empty_line(bytes);
    struct slice rest = slice_sub(bytes, split + 2, bytes.len);
    struct slice line;
    int err;

    ret->text = slice_sub(bytes, 0, split + 1);
    ret->lines = rest;
    ret->count = 0;
    if (bytes.len > max)
        return err_set(ei, ERR_LIMIT, "a note of more than %zu bytes", max);
    err = check_bytes(bytes, ei);
    if (err < 0)
        return err;
    if (rest.ptr == NULL || rest.len == 0 || rest.ptr[rest.len - 1] != '\n')
        return err_set(ei, ERR_INVALID, "not a signed note: no signature lines at the end");
    while (slice_line(&rest, &line)) {
        struct note_line parsed;

        if (ret->count == NOTE_LINES)
            return err_set(ei, ERR_LIMIT, "more than %d signature lines", NOTE_LINES);
        if (parse_line(line, &parsed) < 0)
            return err_set(ei, ERR_INVALID, "signature line %u is malformed", ret->count + 1);
        if (find_line(ret, &parsed) != NULL)
            return err_set(ei, ERR_INVALID, "two signatures of one key: %.*s",
                           (int)(parsed.name.len < 100 ? parsed.name.len : 100),
                           parsed.name.ptr);
        ret->line[ret->count++] = parsed;
    }
    return 0;
}

/* ---- Checking ---- */

static uint64_t
get_u64(const uint8_t *at)
{
    uint64_t n = 0;

    for (int i = 0; i < 8; i++)
        n = n << 8 | at[i];
    return n;
}

/* tlog-cosignature, "Format": what a cosigner signs. */
static void
cosigned_bytes(struct buf *b, uint64_t time, struct slice text)
{
    buf_text(b, "cosignature/v1\ntime ");
    buf_u64(b, time);
    buf_char(b, '\n');
    buf_slice(b, text);
}

static int
check_line(struct slice text, const struct note_line *line, const struct vkey *key,
           uint64_t *ret_time)
{
    uint8_t bytes[SIGNATURE_04];
    AUTO_BUF(message, text.len + 64);

    *ret_time = 0;
    if (key->alg == KEY_ED25519) {
        if (base64_exact(line->base64, bytes, SIGNATURE_01) < 0)
            return ERR_PROOF;
        return vkey_verify(key, text, bytes + ID);
    }
    if (base64_exact(line->base64, bytes, SIGNATURE_04) < 0)
        return ERR_PROOF;
    *ret_time = get_u64(bytes + ID);
    if (*ret_time > INT64_MAX)
        return ERR_PROOF;
    cosigned_bytes(&message, *ret_time, text);
    if (buf_error(&message) != 0)
        return buf_error(&message);
    return vkey_verify(key, buf_get(&message), bytes + ID + 8);
}

/* A line against all keys of its name and id: ids are short, so two keys may share one.
 * 1 when one of them made it, 0 when there is no such key. */
static int
check_known(const struct note *n, unsigned at, struct vkeys keys, struct note_signer *ret)
{
    int result = 0;

    for (unsigned i = 0; i < keys.count; i++) {
        const struct vkey *key = &keys.key[i];
        uint64_t time;

        if (key->id != n->line[at].id || !slice_is(n->line[at].name, key->name))
            continue;
        result = check_line(n->text, &n->line[at], key, &time);
        if (result == 0) {
            *ret = (struct note_signer){key, at, time};
            return 1;
        }
        if (result != ERR_PROOF)
            return result;
    }
    return result;
}

int
note_check(const struct note *n, struct vkeys keys, struct note_signers *ret,
           struct errinfo *ei)
{
    ret->count = 0;
    for (unsigned i = 0; i < n->count; i++) {
        int known = check_known(n, i, keys, &ret->signer[ret->count]);

        if (known < 0)
            return err_set(ei, known, "the signature of %.*s does not verify",
                           (int)(n->line[i].name.len < 200 ? n->line[i].name.len : 200),
                           n->line[i].name.ptr);
        ret->count += (unsigned)known;
    }
    return 0;
}

int
note_require(const struct note *n, struct vkeys keys, struct note_signers *ret,
             struct errinfo *ei)
{
    int err = note_check(n, keys, ret, ei);

    if (err == 0 && ret->count == 0)
        err = err_set(ei, ERR_PROOF, "no signature of a known key");
    return err;
}

/* ---- Making ---- */

void
note_line_sign(struct slice text, const struct skey *key, uint64_t time, struct buf *ret)
{
    uint8_t bytes[SIGNATURE_04];
    size_t n = ID;
    AUTO_BUF(message, text.len + 64);

    for (unsigned i = 0; i < ID; i++)
        bytes[i] = (uint8_t)(key->vkey.id >> (24 - 8 * i));
    if (key->vkey.alg == KEY_COSIGN) {
        for (unsigned i = 0; i < 8; i++)
            bytes[n++] = (uint8_t)(time >> (56 - 8 * i));
    }
    if (key->vkey.alg == KEY_COSIGN)
        cosigned_bytes(&message, time, text);
    else
        buf_slice(&message, text);
    if (buf_error(&message) != 0) {
        ret->error = buf_error(&message);
        return;
    }
    skey_sign(key, buf_get(&message), bytes + n);
    buf_text(ret, dash);
    buf_text(ret, key->vkey.name);
    buf_char(ret, ' ');
    buf_base64(ret, bytes, n + KEY_SIGNATURE);
    buf_char(ret, '\n');
}

int
note_sign(struct slice text, const struct skey *key, struct buf *ret)
{
    if (text.len == 0 || text.ptr[text.len - 1] != '\n')
        return ERR_INVALID;
    buf_slice(ret, text);
    buf_char(ret, '\n');
    note_line_sign(text, key, 0, ret);
    return buf_error(ret);
}

static void
buf_line(struct buf *b, const struct note_line *line)
{
    buf_text(b, dash);
    buf_slice(b, line->name);
    buf_char(b, ' ');
    buf_slice(b, line->base64);
    buf_char(b, '\n');
}

int
note_merge(struct slice note, struct slice more, struct buf *ret, struct errinfo *ei)
{
    struct note old;
    struct note more_note;
    unsigned total;
    AUTO_BUF(bytes, NOTE_MAX);
    int err = note_parse(note, NOTE_MAX, &old, ei);

    if (err != 0)
        return err;
    buf_slice(&bytes, old.text);
    buf_char(&bytes, '\n');
    buf_slice(&bytes, more);
    err = buf_error(&bytes);
    if (err == 0)
        err = note_parse(buf_get(&bytes), NOTE_MAX, &more_note, ei);
    if (err != 0)
        return err;
    if (more_note.text.len != old.text.len)
        return err_set(ei, ERR_INVALID, "an empty line among signature lines");
    total = old.count + more_note.count;
    for (unsigned i = 0; i < old.count; i++)
        total -= find_line(&more_note, &old.line[i]) != NULL;
    if (total > NOTE_LINES)
        return err_set(ei, ERR_LIMIT, "more than %d signature lines", NOTE_LINES);
    buf_slice(ret, old.text);
    buf_char(ret, '\n');
    for (unsigned i = 0; i < old.count; i++) {
        const struct note_line *newer = find_line(&more_note, &old.line[i]);

        buf_line(ret, newer == NULL ? &old.line[i] : newer);
    }
    for (unsigned i = 0; i < more_note.count; i++) {
        if (find_line(&old, &more_note.line[i]) == NULL)
            buf_line(ret, &more_note.line[i]);
    }
    return buf_error(ret);
}

void
note_only(const struct note *n, struct vkeys keys, struct buf *ret)
{
    buf_slice(ret, n->text);
    buf_char(ret, '\n');
    for (unsigned i = 0; i < n->count; i++) {
        if (vkeys_find(keys, n->line[i].name, n->line[i].id) != NULL)
            buf_line(ret, &n->line[i]);
    }
}

bool
note_signed_by(const struct note_signers *s, const struct vkey *key)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (vkey_eq(s->signer[i].key, key))
            return true;
    }
    return false;
}
