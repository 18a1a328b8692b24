#include <stdlib.h>

#include "cli/vuln_report.h"
#include "role/paper.h"

enum { DAY = 86400 };

struct page {
    struct vuln_report *r;
    struct paper paper;
    struct buf id;
    struct line {
        uint32_t at; /* in findings.finding */
        uint32_t asset;
        uint8_t decision;
    } * line;
};

static void
put_cell(struct page *p, bool number, struct slice text)
{
    paper_cell(&p->paper, number);
    paper_text(&p->paper, text);
}

static void
put_named(struct page *p, const char *of, const char *value)
{
    paper_cell(&p->paper, false);
    if (value[0] != '\0')
        word_put_name(p->paper.to, p->paper.language, of, slice_of(value));
}

/* ---- feeds --------------------------------------------------------------------------------
 */

static int
put_feed(void *arg, const struct feed *f)
{
    struct page *p = arg;
    struct utime now = p->r->f->risk.now;
    struct utime since = feed_since(f);
    int64_t days = now.us > since.us ? (now.us - since.us) / TIME_US_PER_S / DAY : 0;
    bool stale = days > (int64_t)feed_kind_days(f->kind);
    char date[TIME_TEXT];

    time_format(since, date);
    paper_row(&p->paper, stale);
    put_cell(p, false, slice_of(f->name));
    put_cell(p, false, (struct slice){date, 10});
    paper_cell(&p->paper, true);
    buf_i64(p->paper.to, days);
    if (stale) {
        buf_text(p->paper.to, " ");
        paper_strong(&p->paper, WORD_VULN_STALE);
    }
    paper_cell(&p->paper, true);
    buf_u64(p->paper.to, f->records);
    paper_end_row(&p->paper);
    return buf_error(p->paper.to);
}

static int
put_feeds(struct page *p)
{
    static const struct paper_column columns[] = {{WORD_VULN_FEED, false},
                                                  {WORD_VULN_DATE, false},
                                                  {WORD_VULN_AGE, true},
                                                  {WORD_VULN_RECORDS, true}};
    int r;

    paper_heading(&p->paper, WORD_VULN_FEEDS);
    paper_table(&p->paper, columns, sizeof columns / sizeof columns[0]);
    r = vulndb_feeds(p->r->f->db, put_feed, p);
    paper_end_table(&p->paper);
    return r;
}

/* ---- findings -----------------------------------------------------------------------------
 */

/* The most urgent decision first, then assets by name; inside, as they came: by risk. */
static int
by_decision(const void *a, const void *b)
{
    const struct line *x = a;
    const struct line *y = b;
    int c = (x->decision < y->decision) - (x->decision > y->decision);

    if (c == 0)
        c = (x->asset > y->asset) - (x->asset < y->asset);
    return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static int
risk_at(const struct page *p, uint32_t at, struct risk_result *ret)
{
    struct findings *f = p->r->f;
    const struct scan_finding *x = &f->scan.finding[f->finding[at].at];

    return risk_of(&f->risk, x->vuln, &f->scan.asset[f->scan.item[x->item].asset], ret);
}

static int
sort_lines(struct page *p)
{
    const struct findings *f = p->r->f;
    int r = 0;

    p->line = f->count == 0 ? NULL : malloc(f->count * sizeof *p->line);
    if (f->count > 0 && p->line == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; r == 0 && i < f->count; i++) {
        struct risk_result risk;

        r = risk_at(p, i, &risk);
        if (r == 0)
            p->line[i] = (struct line){
                .at = i,
                .asset = f->scan.item[f->scan.finding[f->finding[i].at].item].asset,
                .decision = (uint8_t)risk.decision.deployer};
    }
    if (r == 0 && f->count > 0)
        qsort(p->line, f->count, sizeof *p->line, by_decision);
    return r;
}

static void
put_risk(struct page *p, const struct risk_result *risk)
{
    uint32_t tenths = (risk->risk.risk + 50) / 100;
    char due[TIME_TEXT];

    paper_cell(&p->paper, true);
    buf_printf(p->paper.to, "%u.%u", tenths / 10, tenths % 10);
    put_named(p, "vuln.rated", findings_severity_name(findings_severity(risk->known)));
    if (risk->known->in_kev) {
        buf_text(p->paper.to, " ");
        paper_strong(&p->paper, WORD_VULN_EXPLOITED);
    }
    paper_cell(&p->paper, false);
    time_format(risk->due, due);
    if (risk->due.us != 0)
        paper_text(&p->paper, (struct slice){due, 10});
    else
        paper_word(&p->paper, WORD_VULN_NEXT_UPGRADE);
}

static int
put_line(struct page *p, uint32_t at)
{
    const struct findings *f = p->r->f;
    const struct scan_finding *x = &f->scan.finding[f->finding[at].at];
    const struct scan_item *i = &f->scan.item[x->item];
    struct risk_result risk;
    int r = risk_at(p, at, &risk);

    buf_reset(&p->id);
    if (r == 0)
        r = vulndb_id_text(f->db, x->vuln, &p->id);
    if (r < 0)
        return r;
    paper_row(&p->paper, risk.known->in_kev);
    put_cell(p, false, slice_of(f->scan.asset[i->asset].name));
    put_cell(p, false, i->name);
    put_cell(p, false, i->version);
    put_cell(p, false, buf_get(&p->id));
    put_risk(p, &risk);
    put_cell(p, false, x->fixed);
    put_named(p, "vuln.is", finding_state_name(f->finding[at].state));
    paper_end_row(&p->paper);
    return buf_error(p->paper.to);
}

static int
put_decisions(struct page *p)
{
    static const enum word heads[] = {WORD_VULN_DEFER, WORD_VULN_SCHEDULED,
                                      WORD_VULN_OUT_OF_CYCLE, WORD_VULN_IMMEDIATE};
    static const struct paper_column columns[] = {
        {WORD_VULN_ASSET, false}, {WORD_VULN_PACKAGE, false}, {WORD_VULN_VERSION, false},
        {WORD_VULN_ID, false},    {WORD_VULN_RISK, true},     {WORD_VULN_SEVERITY, false},
        {WORD_VULN_DUE, false},   {WORD_VULN_FIXED, false},   {WORD_VULN_STATE, false}};
    uint32_t count = p->r->f->count;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < count; i++) {
        if (i == 0 || p->line[i].decision != p->line[i - 1].decision) {
            paper_heading(&p->paper, heads[p->line[i].decision]);
            paper_table(&p->paper, columns, sizeof columns / sizeof columns[0]);
        }
        r = put_line(p, p->line[i].at);
        if (i + 1 == count || p->line[i].decision != p->line[i + 1].decision)
            paper_end_table(&p->paper);
    }
    return r;
}

/* ---- all of it ----------------------------------------------------------------------------
 */

static void
put_about(struct page *p)
{
    AUTO_PAPER_ARGS(about);
    char now[TIME_TEXT];

    time_format(p->r->f->risk.now, now);
    now[10] = ' ';
    paper_arg_number(&about, p->r->f->count);
    paper_arg_number(&about, p->r->f->scan.assets);
    paper_arg_text(&p->paper, &about, (struct slice){now, 16});
    paper_paragraph(&p->paper, false);
    paper_say(&p->paper, WORD_VULN_ABOUT, &about);
    paper_end_paragraph(&p->paper);
    paper_paragraph(&p->paper, true);
    paper_word(&p->paper, WORD_VULN_NOTE);
    paper_end_paragraph(&p->paper);
}

int
vuln_html(struct vuln_report *r, enum language language)
{
    struct page p = {
        .r = r, .paper = {.to = r->to, .language = language}, .id = {.max = VULNDB_TEXT + 1}};
    int code;

    paper_begin(&p.paper, slice_of(word(language, WORD_VULN_NAME)));
    put_about(&p);
    code = put_feeds(&p);
    if (code == 0)
        code = sort_lines(&p);
    if (code == 0)
        code = put_decisions(&p);
    if (r->f->count == 0) {
        paper_paragraph(&p.paper, false);
        paper_word(&p.paper, WORD_VULN_NOTHING);
        paper_end_paragraph(&p.paper);
    }
    paper_end(&p.paper);
    free(p.line);
    buf_release(&p.id);
    return code < 0 ? code : buf_error(r->to);
}
