/* Rules of Suricata 6. */
#include "indicator/export_priv.h"

#include "wire/base64.h"

enum { NAME_SHOWN = 120 };

/* ---- texts ---------------------------------------------------------------------------------
 */

/* Of an option in quotes: `"`, `;`, `\` and `:` take a backslash there and nothing else does.
 */
static void
put_message(struct buf *b, struct slice s)
{
    s = slice_cut(s, NAME_SHOWN);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (memchr("\";\\:", c, 4) != NULL)
            buf_char(b, '\\');
        buf_char(b, c >= ' ' && c <= '~' ? c : '?');
    }
}

/* Of content: what is not plain goes between bars, as hex. */
static void
put_content(struct buf *b, struct slice s)
{
    bool hex = false;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || memchr("-_./~=&?%+", c, 10) != NULL;

        if (plain == hex)
            buf_char(b, '|');
        else if (hex)
            buf_char(b, ' ');
        hex = !plain;
        if (plain)
            buf_char(b, c);
        else
            buf_printf(b, "%02x", (unsigned char)c);
    }
    if (hex)
        buf_char(b, '|');
}

/* ---- a rule --------------------------------------------------------------------------------
 */

static void
put_end(struct export *e)
{
    buf_printf(&e->out[0], " sid:%llu; rev:1;)\n", (unsigned long long)e->sid++);
}

static void
put_start(struct export *e, const char *head, const struct item *i)
{
    struct buf *b = &e->out[0];
    struct indicator one;

    indicators_get(e->x, i->owner, &one);
    buf_printf(b, "%s (msg:\"detente", head);
    if (one.name.len > 0) {
        buf_char(b, ' ');
        put_message(b, one.name);
    }
    buf_text(b, "\"; metadata:indicator ");
    buf_add(b, one.id, sizeof one.id);
    if (one.confidence != INDICATOR_UNSURE)
        buf_printf(b, ", confidence %u", one.confidence);
    buf_text(b, ";");
}

static int
put_address(struct export *e, const struct item *i)
{
    char head[PREFIX_TEXT + 32];
    struct buf h = {.ptr = head, .room = sizeof head, .max = sizeof head};

    buf_text(&h, "alert ip any any <> ");
    buf_atom(&h, i->kind, i->bytes);
    buf_text(&h, " any");
    buf_char(&h, '\0');
    put_start(e, head, i);
    put_end(e);
    return 1;
}

static int
put_name(struct export *e, const struct item *i)
{
    struct buf *b = &e->out[0];

    put_start(e, "alert dns any any -> any any", i);
    buf_text(b, " dns.query; content:\"");
    if (i->kind == ATOM_BELOW)
        buf_char(b, '.');
    put_content(b, i->bytes);
    buf_text(b, i->kind == ATOM_BELOW ? "\"; nocase; endswith;"
                                      : "\"; nocase; startswith; endswith;");
    put_end(e);
    return 1;
}

/* Host and path; the port and whoever is named before the host are no part of either. */
static int
put_url(struct export *e, const struct item *i)
{
    struct buf *b = &e->out[0];
    struct slice host = atom_url_host(i->bytes);
    size_t behind = (size_t)(host.ptr - i->bytes.ptr) + host.len;
    const char *slash = memchr(i->bytes.ptr + behind, '/', i->bytes.len - behind);
    struct slice path = slice_sub(
        i->bytes, slash == NULL ? i->bytes.len : (size_t)(slash - i->bytes.ptr), i->bytes.len);

    if (host.len == 0 || host.len > EXPORT_CONTENT || path.len == 0 ||
        path.len > EXPORT_CONTENT)
        return 0;
    put_start(e, "alert http any any -> any any", i);
    buf_text(b, " http.host; content:\"");
    put_content(b, host);
    buf_text(b, "\"; startswith; endswith; http.uri.raw; content:\"");
    put_content(b, path);
    buf_text(b, "\"; startswith; endswith;");
    put_end(e);
    return 1;
}

int
export_suricata_begin(struct export *e)
{
    char text[TIME_TEXT];

    time_format(e->options->at, text);
    buf_text(&e->out[0], "# indicators in force at ");
    buf_add(&e->out[0], text, sizeof text);
    buf_char(&e->out[0], '\n');
    return 0;
}

int
export_suricata_item(struct export *e, const struct item *i)
{
    switch (i->kind) {
    case ATOM_ADDRESS:
    case ATOM_PREFIX: return put_address(e, i);
    case ATOM_DOMAIN:
    case ATOM_BELOW: return put_name(e, i);
    case ATOM_URL: return put_url(e, i);
    case ATOM_MD5:
    case ATOM_SHA1:
    case ATOM_SHA256:
    case ATOM_SHA512:
    case ATOM_KINDS: break;
    }
    return 0;
}

/* ---- with files of values ------------------------------------------------------------------
 */

static int
put_line(struct export *e, unsigned file, const struct item *i)
{
    e->files |= 1U << file;
    e->names += file == FILE_DOMAINS;
    if (file == FILE_DOMAINS)
        buf_base64(&e->out[file], i->bytes.ptr, i->bytes.len);
    else
        buf_atom(&e->out[file], i->kind, i->bytes);
    buf_char(&e->out[file], '\n');
    return 1;
}

int
export_dataset_item(struct export *e, const struct item *i)
{
    switch (i->kind) {
    case ATOM_ADDRESS:
    case ATOM_PREFIX: return export_keep_net(e, i);
    case ATOM_DOMAIN: return put_line(e, FILE_DOMAINS, i);
    case ATOM_BELOW:
    case ATOM_URL: return export_suricata_item(e, i);
    case ATOM_MD5: return put_line(e, FILE_MD5, i);
    case ATOM_SHA1: return put_line(e, FILE_SHA1, i);
    case ATOM_SHA256: return put_line(e, FILE_SHA256, i);
    case ATOM_SHA512:
    case ATOM_KINDS: break;
    }
    return 0;
}

static void
put_group(struct export *e, uint32_t from, uint32_t to)
{
    struct buf *b = &e->out[0];

    buf_text(b, "alert ip any any <> [");
    for (uint32_t i = from; i < to; i++) {
        char text[PREFIX_TEXT];

        if (i > from)
            buf_char(b, ',');
        buf_add(b, text, prefix_format(&e->net[i], text));
    }
    buf_text(b, "] any (msg:\"detente address of an indicator\";");
    put_end(e);
}

/* Rules for the files that have something (memory at half a kilobyte a name, which Suricata's
 * default would not give to a million): a file of hashes is met on each protocol that
 * carries files. */
static void
put_file_rules(struct export *e)
{
    static const char *const protocols[] = {"http", "smtp", "ftp-data", "smb", "nfs"};
    static const char *const options[EXPORT_FILES] = {
        [FILE_MD5] = "filemd5", [FILE_SHA1] = "filesha1", [FILE_SHA256] = "filesha256"};
    struct buf *b = &e->out[0];

    if ((e->files & 1U << FILE_DOMAINS) != 0) {
        buf_printf(b,
                   "alert dns any any -> any any (msg:\"detente name of an indicator\"; "
                   "dns.query; dataset:isset,detente-domains,type string,memcap %llumb,"
                   "hashsize %llu,load %s;",
                   (unsigned long long)e->names / 2048 + 64,
                   (unsigned long long)(e->names > 4096 ? e->names : 4096),
                   export_file_name(FILE_DOMAINS));
        put_end(e);
    }
    for (unsigned f = FILE_MD5; f <= FILE_SHA256; f++) {
        for (size_t p = 0; p < sizeof protocols / sizeof *protocols; p++) {
            if ((e->files & 1U << f) == 0)
                continue;
            buf_printf(b,
                       "alert %s any any -> any any (msg:\"detente file of an indicator\"; "
                       "%s:%s;",
                       protocols[p], options[f], export_file_name(f));
            put_end(e);
        }
    }
}

int
export_dataset_end(struct export *e)
{
    int r = 0;

    export_order_nets(e);
    for (uint32_t i = 0; r == 0 && i < e->nets; i += EXPORT_GROUP) {
        put_group(e, i, e->nets - i < EXPORT_GROUP ? e->nets : i + EXPORT_GROUP);
        if (e->out[0].len > OUT_FLUSH)
            r = export_flush(e, 0);
    }
    put_file_rules(e);
    return r;
}
