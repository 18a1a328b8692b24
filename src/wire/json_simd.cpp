#include "wire/json.h"

#include <memory>
#include <new>

#include <simdjson.h>

struct json_index {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

struct json_index *
json_index_new(size_t max)
{
    auto *ji = new (std::nothrow) json_index;

    if (ji != nullptr && simdjson::get_active_implementation()->create_dom_parser_implementation(
                             max, 1, ji->parser) != simdjson::SUCCESS)
        return json_index_free(ji);
    return ji;
}

struct json_index *
json_index_free(struct json_index *ji)
{
    delete ji;
    return nullptr;
}

enum json_fault
json_index_run(struct json_index *ji, const char *text, size_t len, const uint32_t **ret_at,
               uint32_t *ret_count)
{
    auto *bytes = reinterpret_cast<const uint8_t *>(text);

    *ret_at = ji->parser->structural_indexes.get();
    *ret_count = 0;
    if (len == 0)
        return JSON_FINE;
    switch (ji->parser->stage1(bytes, len, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS: *ret_count = ji->parser->n_structural_indexes; return JSON_FINE;
    case simdjson::EMPTY: return JSON_FINE;
    case simdjson::UTF8_ERROR: return JSON_UTF8;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return JSON_MEMORY;
    default: return JSON_STRING;
    }
}
