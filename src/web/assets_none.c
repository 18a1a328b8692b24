/* Stands in for the page when it is not built in (meson option page=false). */
#include "web/assets.h"

static const unsigned char index_html[] =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>detente</title>\n"
    "<p>This node was built without its page. <a href=\"/api/v1/now\">/api/v1/now</a> has the "
    "figures, <code>detente top</code> shows them.</p></html>\n";

const struct web_asset web_assets[] = {
    {"/", "text/html; charset=utf-8", "\"none\"", 0, index_html, sizeof index_html - 1, 0, 0}};
const size_t web_assets_count = 1;
