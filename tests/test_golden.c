/*
 * test_golden.c - messages of every version are read by this one, and written as they were.
 *
 * tests/data/messages/v1.txt has a line for each type: its word and its bytes in hex. After a
 * change that adds fields, `GPMQ_GOLDEN=write build/tests/test_golden` writes the file of the
 * newest version anew; files of older versions never change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cleanup.h"
#include "fill.h"

static FILE *golden(const char *mode)
{
    char path[4096];
    const char *source = getenv("GPMQ_SOURCE_DIR");
    snprintf(path, sizeof path, "%s/tests/data/messages/v1.txt", source ? source : ".");
    FILE *file = fopen(path, mode);
    if (!file)
        fail_msg("cannot open %s", path);
    return file;
}

static void put_line(FILE *file, const char *word, const msgpack_sbuffer *buffer)
{
    fprintf(file, "%s ", word);
    for (size_t i = 0; i < buffer->size; i++)
        fprintf(file, "%02x", (unsigned char)buffer->data[i]);
    fputc('\n', file);
}

static int write_golden(void)
{
    CLEANUP(close_file) FILE *file = golden("w");
    for (enum message_type type = 1; type < MSG_TYPE_END; type++) {
        CLEANUP(arena_free) struct arena arena = {0};
        struct message message = fill_message(&arena, type);
        msgpack_sbuffer buffer;
        msgpack_sbuffer_init(&buffer);
        if (message_encode(&buffer, &message) == 0)
            put_line(file, message_type_name(type), &buffer);
        msgpack_sbuffer_destroy(&buffer);
    }
    CLEANUP(arena_free) struct arena arena = {0};
    struct gpmq_status status = {0};
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    fill_struct(&arena, &fields_status, &status);
    if (status_encode(&buffer, &status) == 0)
        put_line(file, "(status)", &buffer);
    msgpack_sbuffer_destroy(&buffer);
    return 0;
}

struct line {
    char word[64];
    uint8_t bytes[8192];
    size_t size;
};

static bool next_line(FILE *file, struct line *line)
{
    static char hex[2 * sizeof line->bytes + 1];
    if (fscanf(file, "%63s %16384s", line->word, hex) != 2)
        return false;
    line->size = strlen(hex) / 2;
    for (size_t i = 0; i < line->size; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        line->bytes[i] = (uint8_t)byte;
    }
    return true;
}

static void status_stays(const struct line *line)
{
    CLEANUP(arena_free) struct arena arena = {0};
    struct gpmq_status status;
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    assert_int_equal(status_decode(&status, &arena, line->bytes, line->size, NULL), 0);
    assert_int_equal(status_encode(&buffer, &status), 0);
    assert_int_equal(buffer.size, line->size);
    assert_memory_equal(buffer.data, line->bytes, line->size);
    msgpack_sbuffer_destroy(&buffer);
}

static void golden_messages_are_read_and_written_as_they_were(void **state)
{
    (void)state;
    static struct line line;
    CLEANUP(close_file) FILE *file = golden("r");
    unsigned count = 0;
    while (next_line(file, &line)) {
        CLEANUP(arena_free) struct arena arena = {0};
        struct message message;
        struct gpmq_error err;
        msgpack_sbuffer buffer;
        count++;
        if (strcmp(line.word, "(status)") == 0) {
            status_stays(&line);
            continue;
        }
        msgpack_sbuffer_init(&buffer);
        if (message_decode(&message, &arena, line.bytes, line.size, &err) != 0)
            fail_msg("%s: %s", line.word, err.text);
        assert_string_equal(message_type_name(message.type), line.word);
        assert_int_equal(message_encode(&buffer, &message), 0);
        if (buffer.size != line.size || memcmp(buffer.data, line.bytes, line.size) != 0)
            fail_msg("%s is written otherwise now", line.word);
        msgpack_sbuffer_destroy(&buffer);
    }
    assert_int_equal(count, MSG_TYPE_END); /* one for each type, and the status frame */
}

static void what_is_filled_is_as_the_golden_says(void **state)
{
    (void)state;
    static struct line line;
    CLEANUP(close_file) FILE *file = golden("r");
    for (enum message_type type = 1; type < MSG_TYPE_END && next_line(file, &line); type++) {
        CLEANUP(arena_free) struct arena arena = {0};
        struct message message = fill_message(&arena, type);
        msgpack_sbuffer buffer;
        msgpack_sbuffer_init(&buffer);
        assert_int_equal(message_encode(&buffer, &message), 0);
        if (buffer.size != line.size || memcmp(buffer.data, line.bytes, line.size) != 0)
            fail_msg("%s has other fields now than tests/data/messages/v1.txt", line.word);
        msgpack_sbuffer_destroy(&buffer);
    }
}

int main(void)
{
    const char *wish = getenv("GPMQ_GOLDEN");
    if (wish && strcmp(wish, "write") == 0)
        return write_golden();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_messages_are_read_and_written_as_they_were),
        cmocka_unit_test(what_is_filled_is_as_the_golden_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
