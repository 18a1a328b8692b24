/* Records of NVD: what is taken is sound and whoever asks gets an answer, whatever the bytes
 * are that a database gave back. */
#include <stdlib.h>
#include <string.h>

#include "vuln/nvd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name of each product, and one more of the first: some version, and none that is known. */
enum { NAMES = 64 };

static void
ask(const struct nvd_record *r)
{
    static const char *const versions[] = {"1.5", "*", "2.0b"};
    struct config_name name[NAMES];
    struct cpe cpe[NAMES];
    bool sure[NAMES];
    size_t names = 0;
    enum cpe_answer strict;

    for (uint32_t p = 0; p < r->products && names < NAMES; p++) {
        AUTO_BUF(text, CPE_FORMAT);
        enum cpe_answer alone;

        buf_text(&text, "cpe:2.3:");
        buf_slice(&text, r->product[p].name);
        buf_printf(&text, ":%s:*:*:*:*:*:*:*", versions[p % 3]);
        if (buf_error(&text) < 0)
            return;
        BUG_ON(cpe_parse(buf_get(&text), &cpe[names], NULL) < 0 && text.len < CPE_BYTES);
        if (cpe_parse(buf_get(&text), &cpe[names], NULL) < 0)
            continue;
        alone = config_entry_is(r->product[p].entries, &cpe[names], false);
        BUG_ON(alone > CPE_YES || (alone > CPE_NO && r->product[p].entries.len == 0));
        BUG_ON(config_entry_is(r->product[p].entries, &cpe[names], true) < alone);
        name[names] = (struct config_name){.cpe = &cpe[names], .product = p};
        names++;
    }
    strict = config_eval(r->config, name, names, false);
    BUG_ON(r->simple && strict != CPE_NO);
    for (size_t i = 0; i < names; i++)
        BUG_ON(name[i].affected >
               config_entry_is(r->product[name[i].product].entries, name[i].cpe, false));
    (void)config_eval(r->config, name, names, CONFIG_UNSAID | CONFIG_UNLISTED);
    for (size_t i = 0; i < names; i++)
        sure[i] = name[i].affected == CPE_NO;
    (void)config_eval(r->config, name, names, CONFIG_LENIENT);
    for (size_t i = 0; i < names; i++)
        BUG_ON(sure[i] && name[i].affected != CPE_NO);
}

static int
take(void *arg, const struct nvd_record *r)
{
    size_t *records = arg;

    ++*records;
    BUG_ON(r->cve == 0 || r->cvss.score > 100 || r->cwes > NVD_CWES ||
           r->products > NVD_PRODUCTS || r->description.len > NVD_DESCRIPTION ||
           r->status.len > NVD_TEXT || r->cvss.vector.len > NVD_TEXT);
    BUG_ON(r->simple && r->config.len > 0);
    for (unsigned i = 0; i < r->products; i++)
        BUG_ON(r->product[i].name.len == 0);
    ask(r);
    return 0;
}

static void
ask_bytes(struct slice bytes)
{
    struct cpe cpe;
    struct config_name name = {.cpe = &cpe, .product = 0};

    BUG_ON(cpe_parse(SLICE("cpe:/a:b:c:1.0"), &cpe, NULL) < 0);
    BUG_ON(config_entry_is(bytes, &cpe, true) > CPE_YES);
    BUG_ON(config_eval(bytes, &name, 1, true) > CPE_YES);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct nvd_counts counts;
    struct errinfo ei = {0};
    size_t records = 0;
    int r;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    r = nvd_read(text, size, take, &records, &counts, &ei);
    BUG_ON(r > 0 || counts.records != records || (r == ERR_INVALID && ei.text[0] == '\0'));
    free(text);
    ask_bytes((struct slice){(const char *)data, size});
    return 0;
}
