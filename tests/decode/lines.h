/* Pieces of EVE lines, and what tests say of the events in them. */
#ifndef DETENTE_TESTS_DECODE_LINES_H
#define DETENTE_TESTS_DECODE_LINES_H

#include <stdio.h>

#include "model/event.h"

#define HEAD "{\"timestamp\":\"2026-03-01T12:00:00.123456+0100\",\"event_type\":\"alert\","
#define SIDES                                                                                \
    "\"src_ip\":\"192.0.2.1\",\"src_port\":1000,\"dest_ip\":\"198.51.100.2\",\"dest_port\":" \
    "22,"
#define RULE                                                                 \
    "\"alert\":{\"gid\":1,\"signature_id\":7,\"rev\":2,\"signature\":\"s\"," \
    "\"category\":\"Misc Attack\",\"severity\":2}"

static inline const char *
sides(const struct event *ev)
{
    static char text[128];
    char origin[ADDR_TEXT];
    char target[ADDR_TEXT];

    (void)addr_format(&ev->origin, origin);
    (void)addr_format(&ev->target, target);
    (void)snprintf(text, sizeof text, "%s %u %s %u", origin, ev->origin_port, target,
                   ev->target_port);
    return text;
}

#endif
