/* Bundles: an archive is taken or refused alike however it is cut into pieces; and what a list
 * of paths makes, when it is packed, comes back. */
#include "exchange/bundle.h"
#include "model/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATHS = 64 };

static struct skey key;
static struct role_key keys[1];

static int
take(void *arg, struct slice path, struct slice bytes)
{
    BUG_ON(path.len > BUNDLE_PATH_MAX || !text_is_bundle_path(path));
    BUG_ON(bytes.len > BUNDLE_MEMBER_MAX);
    ++*(unsigned *)arg;
    return 0;
}

static int
unpack(struct slice tar, size_t piece, unsigned *ret_taken)
{
    struct bundle_terms t = {SLICE("aland-bland"), SLICE("bland"), {keys, 1}};
    struct errinfo ei = {.text = ""};
    struct bundle_reader r;
    int err = 0;

    *ret_taken = 0;
    bundle_reader_init(&r, &t, take, ret_taken);
    for (size_t i = 0; err == 0 && i < tar.len; i += piece)
        err = bundle_push(&r, slice_sub(tar, i, piece), &ei);
    if (err == 0)
        err = bundle_end(&r, &ei);
    BUG_ON(err < 0 && err != ERR_NOMEM && ei.text[0] == '\0');
    BUG_ON(err == 0 && *ret_taken != r.head.files);
    bundle_reader_release(&r);
    return err;
}

/* A file's bytes are its path. */
static int
get(void *arg, const struct bundle_file *f, struct buf *b)
{
    (void)arg;
    buf_slice(b, f->path);
    return 0;
}

static int
put(void *arg, struct slice bytes)
{
    buf_slice(arg, bytes);
    return 0;
}

static void
pack(struct slice list)
{
    struct bundle_file file[PATHS];
    AUTO_BUF(out, 1 << 20);
    struct bundle_make m = {.pact = SLICE("aland-bland"),
                            .from = SLICE("aland"),
                            .to = SLICE("bland"),
                            .file = file,
                            .key = &key,
                            .get = get,
                            .put = put,
                            .arg = &out};
    unsigned taken;

    while (m.files < PATHS && slice_line(&list, &file[m.files].path)) {
        struct bundle_file *f = &file[m.files++];

        f->size = f->path.len;
        f->sha256 = sha256_of(f->path.ptr, f->path.len);
    }
    if (bundle_write(&m, NULL) == 0 && buf_error(&out) == 0)
        BUG_ON(unpack(buf_get(&out), 1000, &taken) != 0 || taken != m.files);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[KEY_SEED] = {1};
    struct slice in = {(const char *)data, size};
    unsigned one;
    unsigned other;

    if (key_init() < 0 ||
        skey_make(SLICE("aland.example/detente/message"), KEY_ED25519, seed, &key) < 0)
        return 0;
    keys[0] = (struct role_key){SLICE("aland"), key.vkey, {0}, {0}};
    if (size < BUNDLE_BLOCK) {
        pack(in);
        return 0;
    }
    BUG_ON(unpack(in, size, &one) != unpack(in, 1U + data[0] % 200U * 7U, &other) ||
           one != other);
    return 0;
}
