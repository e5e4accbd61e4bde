/* encode.c - structs to MessagePack, by the tables of fields.c. */
#include <assert.h>
#include <string.h>

#include "codec.h"
#include "fields.h"

static void put_struct(msgpack_packer *packer, const struct fields *fields, const void *object);

static void put_text(msgpack_packer *packer, const char *text, size_t max)
{
    size_t size = strlen(text);
    assert(max == 0 || size <= max);
    msgpack_pack_str(packer, size);
    msgpack_pack_str_body(packer, text, size);
}

static void put_bytes(msgpack_packer *packer, const void *bytes, size_t size)
{
    msgpack_pack_bin(packer, size);
    msgpack_pack_bin_body(packer, bytes, size);
}

static const void *at(const void *object, size_t offset)
{
    return (const char *)object + offset;
}

#define VALUE(type, object, offset) (*(type const *)at(object, offset))

static bool all_zero(const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        if (byte[i])
            return false;
    return true;
}

/* Whether a field is zero, NULL or empty, and so need not be sent. */
static bool is_empty(const struct field *field, const void *object)
{
    switch (field->type) {
    case FIELD_BOOL:
        return !VALUE(bool, object, field->at);
    case FIELD_U8:
        return VALUE(uint8_t, object, field->at) == 0;
    case FIELD_U32:
    case FIELD_I32:
    case FIELD_WORD:
        return VALUE(uint32_t, object, field->at) == 0;
    case FIELD_U64:
    case FIELD_I64:
        return VALUE(uint64_t, object, field->at) == 0;
    case FIELD_TEXT:
    case FIELD_POINTER:
    case FIELD_CONTENT:
        return VALUE(void *, object, field->at) == NULL;
    case FIELD_ID:
        return all_zero(at(object, field->at), sizeof(struct gpmq_id));
    case FIELD_DIGEST:
        return all_zero(at(object, field->at), 32);
    case FIELD_BYTES:
    case FIELD_LIST:
    case FIELD_ARRAY:
    case FIELD_PROPERTIES:
        return VALUE(uint32_t, object, field->other) == 0;
    case FIELD_NAMES:
        return VALUE(struct name_list, object, field->at).count == 0;
    case FIELD_STRUCT:
        return false;
    }
    return false;
}

static void put_items(msgpack_packer *packer, const struct field *field, const void *items,
                      uint32_t count)
{
    assert(count <= field->max);
    msgpack_pack_array(packer, count);
    for (uint32_t i = 0; i < count; i++)
        put_struct(packer, field->of, at(items, i * field_item_size(field)));
}

static void put_properties(msgpack_packer *packer, const struct field *field, const void *object)
{
    const struct gpmq_property *items = VALUE(struct gpmq_property *, object, field->at);
    uint32_t count = VALUE(uint32_t, object, field->other);
    assert(count <= field->max);
    msgpack_pack_map(packer, count);
    for (uint32_t i = 0; i < count; i++) {
        put_text(packer, items[i].name, GPMQ_NAME_MAX);
        put_text(packer, items[i].value ? items[i].value : "", MESSAGE_VALUE_MAX);
    }
}

static void put_names(msgpack_packer *packer, const struct field *field, const void *object)
{
    struct name_list names = VALUE(struct name_list, object, field->at);
    assert(names.count <= field->max);
    msgpack_pack_array(packer, names.count);
    for (uint32_t i = 0; i < names.count; i++)
        put_text(packer, names.items[i], GPMQ_NAME_MAX);
}

/* A field that is_empty() and still is sent. */
static bool put_nil(msgpack_packer *packer, const struct field *field)
{
    if (field->type != FIELD_POINTER && field->type != FIELD_LIST)
        return false;
    msgpack_pack_nil(packer);
    return true;
}

static void put_value(msgpack_packer *packer, const struct field *field, const void *object)
{
    switch (field->type) {
    case FIELD_BOOL:
        if (VALUE(bool, object, field->at))
            msgpack_pack_true(packer);
        else
            msgpack_pack_false(packer);
        break;
    case FIELD_U8:
        msgpack_pack_uint8(packer, VALUE(uint8_t, object, field->at));
        break;
    case FIELD_U32:
        msgpack_pack_uint32(packer, VALUE(uint32_t, object, field->at));
        break;
    case FIELD_U64:
        msgpack_pack_uint64(packer, VALUE(uint64_t, object, field->at));
        break;
    case FIELD_I32:
        msgpack_pack_int32(packer, VALUE(int32_t, object, field->at));
        break;
    case FIELD_I64:
        msgpack_pack_int64(packer, VALUE(int64_t, object, field->at));
        break;
    case FIELD_WORD:
        put_text(packer, field->words->name(VALUE(int, object, field->at)), 0);
        break;
    case FIELD_TEXT:
        put_text(packer, VALUE(const char *, object, field->at), field->max);
        break;
    case FIELD_ID:
        put_bytes(packer, at(object, field->at), sizeof(struct gpmq_id));
        break;
    case FIELD_DIGEST:
        put_bytes(packer, at(object, field->at), 32);
        break;
    case FIELD_BYTES:
        assert(VALUE(uint32_t, object, field->other) <= field->max);
        put_bytes(packer, VALUE(void *, object, field->at), VALUE(uint32_t, object, field->other));
        break;
    case FIELD_CONTENT:
        assert(VALUE(uint64_t, object, field->other) <= field->max);
        put_bytes(packer, VALUE(void *, object, field->at), VALUE(uint64_t, object, field->other));
        break;
    case FIELD_STRUCT:
        put_struct(packer, field->of, at(object, field->at));
        break;
    case FIELD_POINTER:
        put_struct(packer, field->of, VALUE(void *, object, field->at));
        break;
    case FIELD_LIST:
        put_items(packer, field, VALUE(void *, object, field->at),
                  VALUE(uint32_t, object, field->other));
        break;
    case FIELD_ARRAY:
        put_items(packer, field, at(object, field->at), VALUE(uint32_t, object, field->other));
        break;
    case FIELD_NAMES:
        put_names(packer, field, object);
        break;
    case FIELD_PROPERTIES:
        put_properties(packer, field, object);
        break;
    }
}

static bool is_sent(const struct field *field, const void *object)
{
    return field->required || field->always || !is_empty(field, object);
}

static void put_fields(msgpack_packer *packer, const struct fields *fields, const void *object)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->rows[i];
        if (!is_sent(field, object))
            continue;
        put_text(packer, field->key, 0);
        if (!is_empty(field, object) || !put_nil(packer, field))
            put_value(packer, field, object);
    }
}

static size_t count_sent(const struct fields *fields, const void *object)
{
    size_t count = 0;
    for (size_t i = 0; i < fields->count; i++)
        count += is_sent(&fields->rows[i], object);
    return count;
}

static void put_struct(msgpack_packer *packer, const struct fields *fields, const void *object)
{
    if (fields->count == 1 && !fields->rows[0].key) {
        put_value(packer, &fields->rows[0], object);
        return;
    }
    msgpack_pack_map(packer, count_sent(fields, object));
    put_fields(packer, fields, object);
}

/* Where the union lies in struct message: every body begins there. */
static const void *body_of(const struct message *message)
{
    return &message->hello;
}

/* msgpack_sbuffer says nothing of a failed realloc but leaves the size as it was: so compare. */
struct mark {
    msgpack_sbuffer *buffer;
    bool failed;
};

static int write_marked(void *data, const char *bytes, size_t size)
{
    struct mark *mark = data;
    if (!mark->failed && msgpack_sbuffer_write(mark->buffer, bytes, size) != 0)
        mark->failed = true;
    return mark->failed ? -1 : 0;
}

int message_encode(msgpack_sbuffer *buffer, const struct message *message)
{
    const struct fields *fields = fields_of_type(message->type);
    assert(fields);

    struct mark mark = {buffer, false};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &mark, write_marked);
    msgpack_pack_map(&packer, 1 + (message->req ? 1 : 0) + count_sent(fields, body_of(message)));
    put_text(&packer, "type", 0);
    put_text(&packer, message_type_name(message->type), 0);
    if (message->req) {
        put_text(&packer, "req", 0);
        msgpack_pack_uint64(&packer, message->req);
    }
    put_fields(&packer, fields, body_of(message));
    return mark.failed ? GPMQ_ENOMEM : 0;
}

static int encode_one(msgpack_sbuffer *buffer, const struct fields *fields, const void *object)
{
    struct mark mark = {buffer, false};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &mark, write_marked);
    put_struct(&packer, fields, object);
    return mark.failed ? GPMQ_ENOMEM : 0;
}

int request_encode(msgpack_sbuffer *buffer, const struct gpmq_request *request)
{
    return encode_one(buffer, &fields_request, request);
}

int result_encode(msgpack_sbuffer *buffer, const struct gpmq_result *result)
{
    return encode_one(buffer, &fields_result, result);
}

int status_encode(msgpack_sbuffer *buffer, const struct gpmq_status *status)
{
    struct mark mark = {buffer, false};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &mark, write_marked);
    msgpack_pack_map(&packer, 1 + count_sent(&fields_status, status));
    put_text(&packer, "v", 0);
    msgpack_pack_uint32(&packer, PROTOCOL_VERSION);
    put_fields(&packer, &fields_status, status);
    return mark.failed ? GPMQ_ENOMEM : 0;
}

const char *status_topic(const struct gpmq_id *batch, const struct gpmq_id *op,
                         char topic[TOPIC_SIZE])
{
    memcpy(topic, "gpmq1.", 6);
    gpmq_id_text(batch, topic + 6);
    gpmq_id_text(op, topic + 38);
    return topic;
}
