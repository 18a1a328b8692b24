/* OpenVEX: each statement that is read can be written where the specification allows it; that
 * is canonical, and reads as the same statement. */
#include <stdlib.h>
#include <string.h>

#include "vuln/openvex.h"
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
again(void *arg, const struct openvex_head *head, const struct openvex_statement *s)
{
    const struct openvex_statement *first = arg;

    BUG_ON(head->id.len == 0 || !slice_eq(s->vulnerability, first->vulnerability));
    BUG_ON(s->cve != first->cve || s->products != first->products ||
           s->aliases != first->aliases || s->status != first->status ||
           s->justification != first->justification || !slice_eq(s->impact, first->impact) ||
           !slice_eq(s->action, first->action) || !slice_eq(s->notes, first->notes));
    for (unsigned i = 0; i < s->products; i++)
        BUG_ON(s->product[i].subs != first->product[i].subs ||
               !slice_eq(s->product[i].is.cpe, first->product[i].is.cpe) ||
               !slice_eq(s->product[i].is.id, first->product[i].is.id));
    return 0;
}

static int
take(void *arg, const struct openvex_head *head, const struct openvex_statement *s)
{
    struct openvex_statement copy = *s;
    const struct openvex_document d = {
        .head = {.id = {"", 0}, .author = {"a", 1}, .role = {"", 0}, .at = {1}, .version = 1},
        .statement = s,
        .statements = 1};
    AUTO_BUF(bytes, 1 << 24);
    struct openvex_counts counts;
    struct errinfo ei = {.line = 0};
    int r;

    (void)arg;
    (void)head;
    BUG_ON(s->vulnerability.len == 0 || s->products == 0 || s->line == 0);
    r = openvex_write(&d, &bytes, &ei);
    BUG_ON(r < 0 && ei.text[0] == '\0');
    if (r < 0)
        return 0;
    BUG_ON(jcs_check(buf_get(&bytes), NULL) != JCS_OK);
    BUG_ON(openvex_read(bytes.ptr, bytes.len, again, &copy, &counts, &ei) != 0);
    BUG_ON(counts.statements != 1 || counts.odd_head != 0);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct openvex_counts counts;
    struct errinfo ei = {.line = 0};
    int r;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    r = openvex_read(text, size, take, NULL, &counts, &ei);
    BUG_ON(r > 0 || (r == ERR_INVALID && (ei.line == 0 || ei.text[0] == '\0')));
    free(text);
    return 0;
}
