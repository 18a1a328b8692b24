#include "exchange/fork.h"

#include "exchange/form_priv.h"
#include "note/checkpoint.h"
#include "wire/hex.h"
#include "wire/jcs.h"

enum { S_A, S_B, S_FORMAT, S_KIND, S_FIELDS };
static const struct field size_fields[S_FIELDS] = {
    [S_A] = {"a", "", FORM_ANY_STRING, false},
    [S_B] = {"b", "", FORM_ANY_STRING, false},
    [S_FORMAT] = {"format", "detente-fork/1", FORM_ONE_OF, false},
    [S_KIND] = {"kind", "size", FORM_ONE_OF, false},
};

enum { E_A, E_A_LEAF, E_A_PATH, E_B, E_B_LEAF, E_B_PATH, E_FORMAT, E_INDEX, E_KIND, E_FIELDS };
static const struct field entry_fields[E_FIELDS] = {
    [E_A] = {"a", "", FORM_ANY_STRING, false},
    [E_A_LEAF] = {"a_leaf", "", FORM_HASH, false},
    [E_A_PATH] = {"a_path", "", FORM_HASHES, false},
    [E_B] = {"b", "", FORM_ANY_STRING, false},
    [E_B_LEAF] = {"b_leaf", "", FORM_HASH, false},
    [E_B_PATH] = {"b_path", "", FORM_HASHES, false},
    [E_FORMAT] = {"format", "detente-fork/1", FORM_ONE_OF, false},
    [E_INDEX] = {"index", "", FORM_NUMBER, false},
    [E_KIND] = {"kind", "entry", FORM_ONE_OF, false},
};

/* ---- What two notes and perhaps two entries prove ---- */

/* One note under one of the keys, and where its entry stands. */
static int
check_note(struct slice note, struct vkeys log, uint64_t index, const struct fork_entry *entry,
           struct checkpoint_signed *ret, struct errinfo *ei)
{
    const struct checkpoint_keys keys = {log, {NULL, 0}, {NULL, 0}};
    int err = checkpoint_verify(note, &keys, ret, ei);

    if (err < 0)
        return err == ERR_NOMEM ? err : ERR_PROOF;
    if (entry != NULL && tree_check_inclusion(index, ret->checkpoint.size, &entry->leaf,
                                              &entry->path, &ret->checkpoint.root) < 0)
        return err_set(ei, ERR_PROOF, "a path does not lead from its entry to the root");
    return 0;
}

/* ERR_NOTFOUND: it is all true, and no fork. */
static int
judge(const struct fork_make *m, struct vkeys log, struct fork *ret, struct errinfo *ei)
{
    struct checkpoint_signed a = {.log = NULL};
    struct checkpoint_signed b = {.log = NULL};
    int err = check_note(m->a, log, m->index, m->a_entry, &a, ei);

    if (err == 0)
        err = check_note(m->b, log, m->index, m->b_entry, &b, ei);
    if (err < 0)
        return err;
    if (a.log != b.log)
        return err_set(ei, ERR_PROOF, "the notes are of two logs, or under two keys");
    *ret = (struct fork){.entry = m->a_entry != NULL,
                         .index = m->index,
                         .a_size = a.checkpoint.size,
                         .b_size = b.checkpoint.size,
                         .a_root = a.checkpoint.root,
                         .b_root = b.checkpoint.root,
                         .log = a.log};
    if (m->a_entry != NULL && m->b_entry != NULL)
        return hash_eq(&m->a_entry->leaf, &m->b_entry->leaf)
                   ? err_set(ei, ERR_NOTFOUND, "both histories have the same entry there")
                   : 0;
    if (ret->a_size != ret->b_size)
        return err_set(ei, ERR_NOTFOUND,
                       "notes of different sizes prove nothing by themselves: give the index "
                       "of an entry that differs, with both logs");
    if (hash_eq(&ret->a_root, &ret->b_root))
        return err_set(ei, ERR_NOTFOUND, "both notes are of one history");
    return 0;
}

/* ---- Writing ---- */

static void
put_hash(struct buf *b, const struct hash *h)
{
    buf_char(b, '"');
    buf_hex(b, h->byte, SHA256_SIZE);
    buf_char(b, '"');
}

static void
put_side(struct buf *b, const char *name, struct slice note, const struct fork_entry *e)
{
    buf_printf(b, "\"%s\":", name);
    buf_json(b, note);
    buf_char(b, ',');
    if (e == NULL)
        return;
    buf_printf(b, "\"%s_leaf\":", name);
    put_hash(b, &e->leaf);
    buf_printf(b, ",\"%s_path\":[", name);
    for (unsigned i = 0; i < e->path.count; i++) {
        if (i > 0)
            buf_char(b, ',');
        put_hash(b, &e->path.hash[i]);
    }
    buf_text(b, "],");
}

int
fork_write(struct buf *b, const struct fork_make *m, struct vkeys log, struct errinfo *ei)
{
    size_t before = b->len;
    struct fork f = {.log = NULL};
    int err;

    if ((m->a_entry == NULL) != (m->b_entry == NULL))
        return err_set(ei, ERR_USAGE, "an entry of one history alone proves nothing");
    err = judge(m, log, &f, ei);
    if (err < 0)
        return err;
    buf_char(b, '{');
    put_side(b, "a", m->a, m->a_entry);
    put_side(b, "b", m->b, m->b_entry);
    buf_text(b, "\"format\":\"detente-fork/1\",");
    if (f.entry) {
        buf_text(b, "\"index\":");
        buf_u64(b, m->index);
        buf_char(b, ',');
    }
    buf_printf(b, "\"kind\":\"%s\"}\n", f.entry ? "entry" : "size");
    err = buf_error(b) != 0 ? buf_error(b) : b->len - before > FORK_MAX ? ERR_LIMIT : 0;
    if (err == 0)
        return 0;
    b->len = before;
    return err_set(ei, err, "a fork proof does not fit its buffer");
}

/* ---- Verifying ---- */

static int
refuse(struct errinfo *ei, const char *what)
{
    return err_set(ei, ERR_PROOF, "%s", what);
}

static int
read_entry(struct slice leaf, struct slice path, struct fork_entry *ret)
{
    struct jcs_iter it = jcs_iter(path);
    struct slice text;
    struct slice item;

    ret->path.count = 0;
    if (jcs_plain(leaf, &text) < 0 || hex_decode(text, ret->leaf.byte, SHA256_SIZE) < 0)
        return ERR_PROOF;
    while (jcs_item(&it, &item)) {
        if (ret->path.count == TREE_PATH_MAX || jcs_plain(item, &text) < 0 ||
            hex_decode(text, ret->path.hash[ret->path.count++].byte, SHA256_SIZE) < 0)
            return ERR_PROOF;
    }
    return 0;
}

/* Both notes into the store, which has room for all of the file. */
static int
read_notes(struct slice a, struct slice b, struct buf *store, struct fork_make *ret)
{
    size_t from;

    if (jcs_string(a, store) < 0)
        return ERR_PROOF;
    from = store->len;
    if (jcs_string(b, store) < 0)
        return ERR_PROOF;
    ret->a = slice_sub(buf_get(store), 0, from);
    ret->b = slice_sub(buf_get(store), from, store->len);
    return 0;
}

static int
read_file(struct slice object, struct buf *store, struct fork_entry entry[2],
          struct fork_make *ret)
{
    struct slice value[E_FIELDS];
    int64_t index;

    if (fields_read(FIELDS_OF(size_fields), object, value) == NULL)
        return read_notes(value[S_A], value[S_B], store, ret);
    if (fields_read(FIELDS_OF(entry_fields), object, value) != NULL ||
        jcs_int(value[E_INDEX], &index) < 0 ||
        read_entry(value[E_A_LEAF], value[E_A_PATH], &entry[0]) < 0 ||
        read_entry(value[E_B_LEAF], value[E_B_PATH], &entry[1]) < 0)
        return ERR_PROOF;
    ret->a_entry = &entry[0];
    ret->b_entry = &entry[1];
    ret->index = (uint64_t)index;
    return read_notes(value[E_A], value[E_B], store, ret);
}

int
fork_verify(struct slice file, struct vkeys log, struct fork *ret, struct errinfo *ei)
{
    AUTO_BUF(store, FORK_MAX);
    struct slice object = slice_sub(file, 0, file.len == 0 ? 0 : file.len - 1);
    struct fork_entry entry[2];
    struct fork_make m = {0};
    int err;

    if (file.len == 0 || file.len > FORK_MAX || file.ptr[file.len - 1] != '\n' ||
        jcs_check(object, NULL) != JCS_OK || jcs_kind(object) != JCS_OBJECT)
        return refuse(ei, "not one canonical object and an LF");
    if (buf_reserve(&store, file.len) == NULL)
        return ERR_NOMEM;
    if (read_file(object, &store, entry, &m) < 0)
        return refuse(ei, "not the fields of a fork proof, or of wrong form");
    err = judge(&m, log, ret, ei);
    return err == ERR_NOTFOUND ? ERR_PROOF : err;
}
