/* Scores: the same in one piece and in pieces, within their bounds, and every refusal has its
 * place. */
#include "vuln/epss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take(void *arg, const struct epss_row *row)
{
    uint64_t *sum = arg;

    BUG_ON(row->cve == 0 || row->epss > EPSS_ONE || row->percentile > EPSS_ONE);
    *sum = *sum * 31 + row->cve + row->epss * 7 + row->percentile;
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    uint64_t whole_sum = 0;
    uint64_t sum = 0;
    struct errinfo whole_ei = {.line = 0};
    struct errinfo ei = {.line = 0};
    struct epss whole;
    struct epss e;
    size_t piece = size == 0 ? 1 : 1 + data[size - 1] % 61;
    int r;

    epss_open(&whole, take, &whole_sum, &whole_ei);
    r = epss_feed(&whole, text, true);
    epss_close(&whole);
    BUG_ON(r > 0 || (r < 0 && (whole_ei.line == 0 || whole_ei.text[0] == '\0')));
    epss_open(&e, take, &sum, &ei);
    for (size_t at = 0; at < size; at += piece)
        BUG_ON(epss_feed(&e, slice_sub(text, at, piece), false) > 0);
    BUG_ON(epss_feed(&e, (struct slice){"", 0}, true) != r);
    epss_close(&e);
    BUG_ON(sum != whole_sum || e.rows != whole.rows || ei.line != whole_ei.line ||
           ei.column != whole_ei.column);
    return 0;
}
