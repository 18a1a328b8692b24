/* Collections of bundles: in the first line what is said of one, behind it a part.  What is
 * taken comes out as it was taken, and again the same. */
#include <stdint.h>
#include <stdlib.h>

#include "taxii/cargo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
writable(struct slice s)
{
    char *text = malloc(s.len + 1);

    BUG_ON(text == NULL);
    if (s.len > 0)
        memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return text;
}

static void
say(struct slice line, struct cargo_about *a)
{
    struct errinfo ei = {.text = ""};
    char *text = writable(line);
    int r = cargo_about_read(text, line.len, a, &ei);
    AUTO_BUF(once, CARGO_ABOUT);
    AUTO_BUF(twice, CARGO_ABOUT);

    BUG_ON(r < 0 && (r != ERR_INVALID || ei.text[0] == '\0'));
    if (r == 0) {
        struct cargo_about b = {.id = a->id};
        char *copy;

        BUG_ON(a->title.len == 0 || a->title.len > COLLECTION_TITLE_MAX);
        BUG_ON(cargo_about_write(&once, a) < 0);
        copy = writable(buf_get(&once));
        BUG_ON(cargo_about_read(copy, once.len, &b, &ei) < 0);
        BUG_ON(cargo_about_write(&twice, &b) < 0 || !slice_eq(buf_get(&once), buf_get(&twice)));
        free(copy);
    }
    free(text);
}

static void
pack_again(const struct cargo_read *c)
{
    struct cargo_part p;
    struct cargo_read again;
    AUTO_BUF(out, 1 << 24);
    char *text;

    cargo_part_init(&p);
    for (size_t i = 0; i < c->objects.count; i++)
        BUG_ON(cargo_part_add(&p, c->added[i], c->objects.at[i]) < 0);
    BUG_ON(cargo_part_end(&p, &out) < 0);
    text = writable(buf_get(&out));
    BUG_ON(cargo_read(text, out.len, &again, NULL) < 0 ||
           again.objects.count != c->objects.count);
    for (size_t i = 0; i < c->objects.count; i++)
        BUG_ON(again.added[i].us != c->added[i].us ||
               !slice_eq(again.objects.at[i], c->objects.at[i]));
    cargo_read_release(&again);
    cargo_part_release(&p);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    struct slice line = {"", 0};
    struct cargo_about a = {.id = SLICE("id"), .after = {-1}};
    struct errinfo ei = {.text = ""};
    struct cargo_check check;
    struct cargo_read c;
    char *text;
    int r;

    (void)slice_line(&in, &line);
    say(line, &a);
    text = writable(in);
    r = cargo_read(text, in.len, &c, &ei);
    BUG_ON(r < 0 && r != ERR_NOMEM && ei.text[0] == '\0');
    if (r == 0) {
        BUG_ON(c.objects.count == 0 || c.objects.count > CARGO_PART_OBJECTS);
        pack_again(&c);
        cargo_check_init(&check, &a);
        r = cargo_check_part(&check, &c, &ei);
        if (r == 0)
            r = cargo_check_end(&check, &ei);
        BUG_ON(r < 0 && r != ERR_NOMEM && ei.text[0] == '\0');
        cargo_check_release(&check);
    }
    cargo_read_release(&c);
    free(text);
    return 0;
}
