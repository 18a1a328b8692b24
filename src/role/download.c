#include "role/download.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <string.h>

enum { REDIRECTS = 5, SLOW_BYTES = 1000, SLOW_S = 30 };

static size_t
take(char *bytes, size_t size, size_t count, void *arg)
{
    struct buf *to = arg;

    buf_add(to, bytes, size * count);
    return buf_error(to) < 0 ? 0 : size * count; /* 0 ends it */
}

static bool
begins(const char *url, const char *with)
{
    return strncmp(url, with, strlen(with)) == 0;
}

static bool
is_local(const char *url)
{
    return begins(url, "http://127.0.0.1:") || begins(url, "http://127.0.0.1/") ||
           begins(url, "http://[::1]:") || begins(url, "http://[::1]/");
}

static bool
set_up(CURL *c, const char *url, struct buf *ret)
{
    bool bad = false;

#define SET(option, value) (bad |= curl_easy_setopt(c, option, value) != CURLE_OK)
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, is_local(url) ? "http" : "https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    SET(CURLOPT_FOLLOWLOCATION, is_local(url) ? 0L : 1L);
    SET(CURLOPT_MAXREDIRS, (long)REDIRECTS);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, (long)DOWNLOAD_CONNECT_S);
    SET(CURLOPT_TIMEOUT, (long)DOWNLOAD_TOTAL_S);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    SET(CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    SET(CURLOPT_USERAGENT, "detente/" DETENTE_VERSION);
    SET(CURLOPT_FILETIME, 1L);
    SET(CURLOPT_WRITEFUNCTION, take);
    SET(CURLOPT_WRITEDATA, ret);
#undef SET
    return !bad;
}

static int
conclude(CURL *c, CURLcode code, const struct buf *ret, struct utime *ret_date,
         struct errinfo *ei)
{
    curl_off_t date = -1;
    long status = 0;

    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    if (buf_error(ret) == ERR_LIMIT)
        return err_set(ei, ERR_LIMIT, "it is larger than what is taken");
    if (buf_error(ret) < 0)
        return err_set(ei, buf_error(ret), "%s", err_text(buf_error(ret)));
    if (code != CURLE_OK)
        return err_set(ei, ERR_IO, "it did not come: %s", curl_easy_strerror(code));
    if (status != 200)
        return err_set(ei, status == 404 || status == 410 ? ERR_NOTFOUND : ERR_IO,
                       "the server answered %ld", status);
    if (curl_easy_getinfo(c, CURLINFO_FILETIME_T, &date) == CURLE_OK && date > 0)
        ret_date->us = (int64_t)date * TIME_US_PER_S;
    return 0;
}

int
download(const char *url, struct buf *ret, struct utime *ret_date, struct errinfo *ei)
{
    CURL *c;
    int r;

    *ret_date = (struct utime){0};
    err_file(ei, url);
    if (!begins(url, "https://") && !is_local(url))
        return err_set(ei, ERR_USAGE,
                       "is not fetched: give an address that begins with https://, or a file");
    c = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    if (c == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = set_up(c, url, ret) ? conclude(c, curl_easy_perform(c), ret, ret_date, ei)
                            : err_set(ei, ERR_IO, "libcurl does not do what is asked of it");
    curl_easy_cleanup(c);
    return r;
}
