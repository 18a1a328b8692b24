/* Webhooks: one JSON object, signed. */
#include <sodium.h>
#include <stdio.h>

#include "notify/message.h"
#include "wire/hex.h"

static void
put_time(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    if (t.us == 0) {
        buf_printf(to, ",\"%s\":null", name);
        return;
    }
    time_format(t, text);
    buf_printf(to, ",\"%s\":\"%.*s\"", name, TIME_TEXT, text);
}

static void
put_text(struct buf *to, const char *name, const char *text)
{
    buf_printf(to, ",\"%s\":", name);
    buf_json(to, slice_of(text));
}

void
hook_write(const struct notice_from *from, const struct notice *n, struct buf *to)
{
    const struct alert *a = &n->alert;
    const struct alert_about *about = alert_about(a->rule);
    AUTO_BUF(dedup, 1024);
    AUTO_BUF(summary, 8192);
    char id[NOTICE_ID];

    notice_id(n, id);
    notice_dedup_key(from, n, &dedup);
    buf_printf(to, "{\"version\":1,\"delivery\":\"%s\",\"action\":\"%s\",\"dedup_key\":", id,
               alert_step_name(n->step));
    buf_json(to, buf_get(&dedup));
    put_text(to, "node", from->node);
    buf_printf(to, ",\"alert\":%llu", (unsigned long long)a->number);
    put_text(to, "rule", about->name);
    put_text(to, "subject", a->subject);
    put_text(to, "severity", alert_severity_name(about->severity));
    put_text(to, "state", alert_state_name(a->state));
    word_unpack(&summary, from->language, a->text);
    buf_printf(to, ",\"language\":\"%s\",\"summary\":", language_name(from->language));
    buf_json(to, buf_get(&summary));
    put_text(to, "to_do", word(from->language, about->to_do));
    put_text(to, "acknowledged_by", a->by);
    put_time(to, "since", a->since);
    put_time(to, "at", n->at);
    buf_char(to, '}');
}

void
hook_sign(struct slice key, struct utime now, struct slice body, char to[HOOK_SIGNATURE])
{
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * crypto_auth_hmacsha256_BYTES + 1] = "";
    long long seconds = now.us / TIME_US_PER_S;
    char time[32];
    int n = snprintf(time, sizeof time, "%lld.", seconds);

    (void)crypto_auth_hmacsha256_init(&state, (const uint8_t *)key.ptr, key.len);
    (void)crypto_auth_hmacsha256_update(&state, (const uint8_t *)time, (unsigned long long)n);
    (void)crypto_auth_hmacsha256_update(&state, (const uint8_t *)body.ptr, body.len);
    (void)crypto_auth_hmacsha256_final(&state, mac);
    hex_encode(mac, sizeof mac, hex);
    sodium_memzero(&state, sizeof state);
    (void)snprintf(to, HOOK_SIGNATURE, "t=%lld,v1=%s", seconds, hex);
}
