/* decode.c - MessagePack to structs: every limit is checked here, once. */
#include <assert.h>
#include <string.h>

#include "check.h"
#include "codec.h"
#include "fail.h"
#include "fields.h"

#define TIME_MAX ((int64_t)1 << 53) /* so that a JSON number holds it */

static const struct check_limits message_limits = {MESSAGE_MAX, MESSAGE_DEPTH_MAX, 200000};
static const struct check_limits status_limits = {STATUS_MAX, MESSAGE_DEPTH_MAX, 4096};

struct decoder {
    struct arena *arena;
    struct gpmq_error *err;
};

static int take_struct(struct decoder *decoder, const struct fields *fields,
                       const msgpack_object *value, void *object);

static void *at(void *object, size_t offset)
{
    return (char *)object + offset;
}

#define PLACE(type, object, offset) (*(type *)at(object, offset))

static const char *key_of(const struct field *field)
{
    return field->key ? field->key : "item";
}

static int wrong(struct decoder *decoder, const struct field *field, const char *wanted)
{
    return fail(decoder->err, GPMQ_EMALFORMED, "'%s' is not %s", key_of(field), wanted);
}

static int too_big(struct decoder *decoder, const struct field *field, uint64_t size)
{
    return fail(decoder->err, GPMQ_ETOOBIG, "'%s' is %llu, the limit is %llu", key_of(field),
                (unsigned long long)size, (unsigned long long)field->max);
}

static int no_memory(struct decoder *decoder)
{
    return fail(decoder->err, GPMQ_ENOMEM, "no memory for a message");
}

static int take_unsigned(struct decoder *decoder, const struct field *field,
                         const msgpack_object *value, uint64_t limit, uint64_t *out)
{
    if (value->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
        return wrong(decoder, field, "a number from 0 on");
    if (value->via.u64 > limit || (field->max && value->via.u64 > field->max))
        return fail(decoder->err, GPMQ_ETOOBIG, "'%s' is %llu, the limit is %llu", key_of(field),
                    (unsigned long long)value->via.u64,
                    (unsigned long long)(field->max ? field->max : limit));
    *out = value->via.u64;
    return 0;
}

static int take_i32(struct decoder *decoder, const struct field *field, const msgpack_object *value,
                    int32_t *out)
{
    bool positive = value->type == MSGPACK_OBJECT_POSITIVE_INTEGER && value->via.u64 <= INT32_MAX;
    bool negative = value->type == MSGPACK_OBJECT_NEGATIVE_INTEGER && value->via.i64 >= INT32_MIN;
    if (!positive && !negative)
        return wrong(decoder, field, "a 32-bit number");
    *out = (int32_t)value->via.i64;
    return 0;
}

static bool same_text(const msgpack_object *value, const char *text)
{
    return value->via.str.size == strlen(text) &&
           memcmp(value->via.str.ptr, text, value->via.str.size) == 0;
}

static int take_word(struct decoder *decoder, const struct field *field,
                     const msgpack_object *value, int *out)
{
    if (value->type != MSGPACK_OBJECT_STR)
        return wrong(decoder, field, "a word");
    int step = field->words->downwards ? -1 : 1;
    for (int number = field->words->first; number != field->words->end; number += step)
        if (same_text(value, field->words->name(number))) {
            *out = number;
            return 0;
        }
    return wrong(decoder, field, "a word that is known here");
}

static int take_text(struct decoder *decoder, const struct field *field, uint64_t max,
                     const msgpack_object *value, const char **out)
{
    if (value->type != MSGPACK_OBJECT_STR)
        return wrong(decoder, field, "text");
    if (value->via.str.size > max)
        return fail(decoder->err, GPMQ_ETOOBIG, "'%s' has %u bytes, the limit is %llu",
                    key_of(field), value->via.str.size, (unsigned long long)max);
    char *copy = arena_take(decoder->arena, (size_t)value->via.str.size + 1);
    if (!copy)
        return no_memory(decoder);
    memcpy(copy, value->via.str.ptr, value->via.str.size);
    *out = copy;
    return 0;
}

static int take_fixed(struct decoder *decoder, const struct field *field,
                      const msgpack_object *value, void *out, uint32_t size)
{
    if (value->type != MSGPACK_OBJECT_BIN || value->via.bin.size != size)
        return fail(decoder->err, GPMQ_EMALFORMED, "'%s' is not %u bytes", key_of(field), size);
    memcpy(out, value->via.bin.ptr, size);
    return 0;
}

static int take_bytes(struct decoder *decoder, const struct field *field,
                      const msgpack_object *value, const void **bytes, uint64_t *size)
{
    if (value->type != MSGPACK_OBJECT_BIN)
        return wrong(decoder, field, "bytes");
    if (value->via.bin.size > field->max)
        return too_big(decoder, field, value->via.bin.size);
    void *copy = arena_take(decoder->arena, (size_t)value->via.bin.size + 1);
    if (!copy)
        return no_memory(decoder);
    memcpy(copy, value->via.bin.ptr, value->via.bin.size);
    *bytes = copy;
    *size = value->via.bin.size;
    return 0;
}

static int take_items(struct decoder *decoder, const struct field *field,
                      const msgpack_object *value, void *items)
{
    for (uint32_t i = 0; i < value->via.array.size; i++) {
        int rc = take_struct(decoder, field->of, &value->via.array.ptr[i],
                             at(items, i * field_item_size(field)));
        if (rc)
            return rc;
    }
    return 0;
}

static int take_list(struct decoder *decoder, const struct field *field,
                     const msgpack_object *value, void *object)
{
    if (value->type != MSGPACK_OBJECT_ARRAY)
        return wrong(decoder, field, "a list");
    if (value->via.array.size > field->max)
        return too_big(decoder, field, value->via.array.size);
    void *items = at(object, field->at);
    if (field->type == FIELD_LIST && value->via.array.size) {
        items = arena_take(decoder->arena, value->via.array.size * field_item_size(field));
        if (!items)
            return no_memory(decoder);
        PLACE(void *, object, field->at) = items;
    }
    PLACE(uint32_t, object, field->other) = value->via.array.size;
    return take_items(decoder, field, value, items);
}

static int take_names(struct decoder *decoder, const struct field *field,
                      const msgpack_object *value, struct name_list *out)
{
    if (value->type != MSGPACK_OBJECT_ARRAY)
        return wrong(decoder, field, "a list");
    uint32_t count = value->via.array.size;
    if (count > field->max)
        return too_big(decoder, field, count);
    out->items = arena_take(decoder->arena, count * sizeof *out->items + 1);
    if (!out->items)
        return no_memory(decoder);
    for (uint32_t i = 0; i < count; i++) {
        int rc = take_text(decoder, field, GPMQ_NAME_MAX, &value->via.array.ptr[i], &out->items[i]);
        if (rc)
            return rc;
    }
    out->count = count;
    return 0;
}

static int take_properties(struct decoder *decoder, const struct field *field,
                           const msgpack_object *value, void *object)
{
    if (value->type != MSGPACK_OBJECT_MAP)
        return wrong(decoder, field, "a map");
    uint32_t count = value->via.map.size;
    if (count > field->max)
        return too_big(decoder, field, count);
    struct gpmq_property *items = arena_take(decoder->arena, count * sizeof *items + 1);
    if (!items)
        return no_memory(decoder);
    for (uint32_t i = 0; i < count; i++) {
        const msgpack_object_kv *pair = &value->via.map.ptr[i];
        int rc = take_text(decoder, field, GPMQ_NAME_MAX, &pair->key, &items[i].name);
        if (!rc)
            rc = take_text(decoder, field, MESSAGE_VALUE_MAX, &pair->val, &items[i].value);
        if (rc)
            return rc;
    }
    PLACE(const struct gpmq_property *, object, field->at) = items;
    PLACE(uint32_t, object, field->other) = count;
    return 0;
}

static int take_pointer(struct decoder *decoder, const struct field *field,
                        const msgpack_object *value, void *object)
{
    void *inner = arena_take(decoder->arena, field->of->size);
    if (!inner)
        return no_memory(decoder);
    PLACE(void *, object, field->at) = inner;
    return take_struct(decoder, field->of, value, inner);
}

static int take_value(struct decoder *decoder, const struct field *field,
                      const msgpack_object *value, void *object)
{
    uint64_t number = 0;
    const void *bytes = NULL;
    int rc = 0;

    switch (field->type) {
    case FIELD_BOOL:
        if (value->type != MSGPACK_OBJECT_BOOLEAN)
            return wrong(decoder, field, "true or false");
        PLACE(bool, object, field->at) = value->via.boolean;
        return 0;
    case FIELD_U8:
        rc = take_unsigned(decoder, field, value, UINT8_MAX, &number);
        PLACE(uint8_t, object, field->at) = (uint8_t)number;
        return rc;
    case FIELD_U32:
        rc = take_unsigned(decoder, field, value, UINT32_MAX, &number);
        PLACE(uint32_t, object, field->at) = (uint32_t)number;
        return rc;
    case FIELD_U64:
        return take_unsigned(decoder, field, value, UINT64_MAX,
                             &PLACE(uint64_t, object, field->at));
    case FIELD_I32:
        return take_i32(decoder, field, value, &PLACE(int32_t, object, field->at));
    case FIELD_I64:
        rc = take_unsigned(decoder, field, value, TIME_MAX, &number);
        PLACE(int64_t, object, field->at) = (int64_t)number;
        return rc;
    case FIELD_WORD:
        return take_word(decoder, field, value, &PLACE(int, object, field->at));
    case FIELD_TEXT:
        return take_text(decoder, field, field->max, value,
                         &PLACE(const char *, object, field->at));
    case FIELD_ID:
        return take_fixed(decoder, field, value, at(object, field->at), sizeof(struct gpmq_id));
    case FIELD_DIGEST:
        return take_fixed(decoder, field, value, at(object, field->at), 32);
    case FIELD_BYTES:
        rc = take_bytes(decoder, field, value, &bytes, &number);
        PLACE(const void *, object, field->at) = bytes;
        PLACE(uint32_t, object, field->other) = (uint32_t)number;
        return rc;
    case FIELD_CONTENT:
        return take_bytes(decoder, field, value, &PLACE(const void *, object, field->at),
                          &PLACE(uint64_t, object, field->other));
    case FIELD_STRUCT:
        return take_struct(decoder, field->of, value, at(object, field->at));
    case FIELD_POINTER:
        return take_pointer(decoder, field, value, object);
    case FIELD_LIST:
    case FIELD_ARRAY:
        return take_list(decoder, field, value, object);
    case FIELD_NAMES:
        return take_names(decoder, field, value, &PLACE(struct name_list, object, field->at));
    case FIELD_PROPERTIES:
        return take_properties(decoder, field, value, object);
    }
    return 0;
}

static const msgpack_object *find(const msgpack_object *map, const char *key)
{
    for (uint32_t i = 0; i < map->via.map.size; i++)
        if (same_text(&map->via.map.ptr[i].key, key))
            return &map->via.map.ptr[i].val;
    return NULL;
}

static int take_struct(struct decoder *decoder, const struct fields *fields,
                       const msgpack_object *value, void *object)
{
    if (fields->count == 1 && !fields->rows[0].key)
        return take_value(decoder, &fields->rows[0], value, object);
    if (value->type != MSGPACK_OBJECT_MAP)
        return fail(decoder->err, GPMQ_EMALFORMED, "'%s' is not a map", fields->name);
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->rows[i];
        const msgpack_object *found = find(value, field->key);
        if (!found || found->type == MSGPACK_OBJECT_NIL) {
            if (field->required)
                return fail(decoder->err, GPMQ_EMALFORMED, "'%s' lacks '%s'", fields->name,
                            field->key);
            continue;
        }
        int rc = take_value(decoder, field, found, object);
        if (rc)
            return rc;
    }
    return 0;
}

/* Judges, unpacks into a zone, and hands the tree to take(). */
static int unpack(const void *bytes, size_t size_bytes, const struct check_limits *limits,
                  msgpack_zone *zone, msgpack_object *out, struct gpmq_error *err)
{
    int rc = check_bytes(bytes, size_bytes, limits, err);
    if (rc)
        return rc;
    size_t offset = 0;
    msgpack_unpack_return got = msgpack_unpack(bytes, size_bytes, &offset, zone, out);
    if (got != MSGPACK_UNPACK_SUCCESS && got != MSGPACK_UNPACK_EXTRA_BYTES)
        return fail(err, got == MSGPACK_UNPACK_NOMEM_ERROR ? GPMQ_ENOMEM : GPMQ_EMALFORMED,
                    "the message cannot be unpacked");
    if (out->type != MSGPACK_OBJECT_MAP)
        return fail(err, GPMQ_EMALFORMED, "the message is not a map");
    return 0;
}

static int take_message(struct decoder *decoder, const msgpack_object *map, struct message *out)
{
    const msgpack_object *req = find(map, "req");
    if (req && req->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
        out->req = req->via.u64;
    else if (req && req->type != MSGPACK_OBJECT_NIL)
        return fail(decoder->err, GPMQ_EMALFORMED, "'req' is not a number from 0 on");

    const msgpack_object *type = find(map, "type");
    if (!type || type->type != MSGPACK_OBJECT_STR)
        return fail(decoder->err, GPMQ_EMALFORMED, "the message has no 'type'");
    out->type = message_type_from_name(type->via.str.ptr, type->via.str.size);
    if (!out->type)
        return fail(decoder->err, GPMQ_EUNSUPPORTED, "'%.*s' is no type of message here",
                    (int)(type->via.str.size < 64 ? type->via.str.size : 64), type->via.str.ptr);
    return take_struct(decoder, fields_of_type(out->type), map, &out->hello);
}

static int decode_one(const struct fields *fields, const struct check_limits *limits, void *out,
                      struct arena *arena, const void *bytes, size_t size_bytes,
                      struct gpmq_error *err)
{
    struct decoder decoder = {arena, err};
    msgpack_zone zone;
    msgpack_object value;
    if (!msgpack_zone_init(&zone, 2048))
        return no_memory(&decoder);
    memset(out, 0, fields ? fields->size : sizeof(struct message));
    int rc = unpack(bytes, size_bytes, limits, &zone, &value, err);
    if (!rc)
        rc = fields ? take_struct(&decoder, fields, &value, out)
                    : take_message(&decoder, &value, out);
    msgpack_zone_destroy(&zone);
    return rc;
}

int message_decode(struct message *out, struct arena *arena, const void *bytes, size_t size_bytes,
                   struct gpmq_error *err)
{
    return decode_one(NULL, &message_limits, out, arena, bytes, size_bytes, err);
}

int request_decode(struct gpmq_request *out, struct arena *arena, const void *bytes,
                   size_t size_bytes, struct gpmq_error *err)
{
    return decode_one(&fields_request, &message_limits, out, arena, bytes, size_bytes, err);
}

int status_decode(struct gpmq_status *out, struct arena *arena, const void *bytes,
                  size_t size_bytes, struct gpmq_error *err)
{
    return decode_one(&fields_status, &status_limits, out, arena, bytes, size_bytes, err);
}

int result_decode(struct gpmq_result *out, struct arena *arena, const void *bytes,
                  size_t size_bytes, struct gpmq_error *err)
{
    return decode_one(&fields_result, &message_limits, out, arena, bytes, size_bytes, err);
}
