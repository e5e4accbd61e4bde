/* fill.c - fills any message from its table. */
#include "fill.h"

#include <string.h>

static void *at(void *object, size_t offset)
{
    return (char *)object + offset;
}

#define PLACE(type, object, offset) (*(type *)at(object, offset))

static int first_word(const struct words *words)
{
    return words->downwards ? words->first - 1 : words->first;
}

static void fill_list(struct arena *arena, const struct field *field, void *object)
{
    void *items = at(object, field->at);
    if (field->type == FIELD_LIST) {
        items = arena_take(arena, 2 * field->of->size);
        PLACE(void *, object, field->at) = items;
    }
    PLACE(uint32_t, object, field->other) = 2;
    for (int i = 0; i < 2; i++)
        fill_struct(arena, field->of, at(items, (size_t)i * field->of->size));
}

static void fill_properties(struct arena *arena, const struct field *field, void *object)
{
    struct gpmq_property *items = arena_take(arena, 2 * sizeof *items);
    items[0] = (struct gpmq_property){"id", "{31B2F340-016D-11D2-945F-00C04FB984F9}"};
    items[1] = (struct gpmq_property){"comment", ""};
    PLACE(const struct gpmq_property *, object, field->at) = items;
    PLACE(uint32_t, object, field->other) = 2;
}

static void fill_names(struct arena *arena, const struct field *field, void *object)
{
    struct name_list *names = at(object, field->at);
    names->count = 2;
    names->items = arena_take(arena, 2 * sizeof *names->items);
    names->items[0] = "one";
    names->items[1] = "zw\xc3\xb6lf";
}

static void fill_field(struct arena *arena, const struct field *field, void *object, uint8_t mark)
{
    switch (field->type) {
    case FIELD_BOOL:
        PLACE(bool, object, field->at) = true;
        break;
    case FIELD_U8:
        PLACE(uint8_t, object, field->at) = mark;
        break;
    case FIELD_U32:
        PLACE(uint32_t, object, field->at) = mark;
        break;
    case FIELD_U64:
        PLACE(uint64_t, object, field->at) = mark;
        break;
    case FIELD_I32:
        PLACE(int32_t, object, field->at) = -(int32_t)mark;
        break;
    case FIELD_I64:
        PLACE(int64_t, object, field->at) = INT64_C(1700000000000) + mark;
        break;
    case FIELD_WORD:
        PLACE(int, object, field->at) = first_word(field->words);
        break;
    case FIELD_TEXT:
        PLACE(const char *, object, field->at) = field->key;
        break;
    case FIELD_ID:
        memset(at(object, field->at), mark, sizeof(struct gpmq_id));
        break;
    case FIELD_DIGEST:
        memset(at(object, field->at), mark, 32);
        break;
    case FIELD_BYTES:
        PLACE(const void *, object, field->at) = "\x00\x01\xff";
        PLACE(uint32_t, object, field->other) = 3;
        break;
    case FIELD_CONTENT:
        PLACE(const void *, object, field->at) = "[]";
        PLACE(uint64_t, object, field->other) = 2;
        break;
    case FIELD_STRUCT:
        fill_struct(arena, field->of, at(object, field->at));
        break;
    case FIELD_POINTER:
        PLACE(void *, object, field->at) = arena_take(arena, field->of->size);
        fill_struct(arena, field->of, PLACE(void *, object, field->at));
        break;
    case FIELD_LIST:
    case FIELD_ARRAY:
        fill_list(arena, field, object);
        break;
    case FIELD_NAMES:
        fill_names(arena, field, object);
        break;
    case FIELD_PROPERTIES:
        fill_properties(arena, field, object);
        break;
    }
}

void fill_struct(struct arena *arena, const struct fields *fields, void *object)
{
    for (size_t i = 0; i < fields->count; i++)
        fill_field(arena, &fields->rows[i], object, (uint8_t)(i + 1));
}

struct message fill_message(struct arena *arena, enum message_type type)
{
    struct message message = {.type = type, .req = 7};
    fill_struct(arena, fields_of_type(type), &message.hello);
    return message;
}
