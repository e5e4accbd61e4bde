/* domain_ad_note.c - what gpmq notes of a GPO in its adminDescription. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain_ad.h"

#define NOTE_START "gpmq1 "

static bool is_id(const char *text, size_t length)
{
    return length == GPMQ_ID_TEXT_SIZE - 1 &&
           strspn(text, "0123456789abcdef") >= GPMQ_ID_TEXT_SIZE - 1;
}

static void read_ops(struct ad_note *out, const char *text)
{
    while (*text && out->op_count < AD_OPS_MAX) {
        size_t length = strcspn(text, ", ");
        if (!is_id(text, length))
            return;
        snprintf(out->ops[out->op_count++], GPMQ_ID_TEXT_SIZE, "%.*s", (int)length, text);
        text += length;
        if (*text != ',')
            return;
        text++;
    }
}

void ad_note_read(struct ad_note *out, const char *text)
{
    *out = (struct ad_note){0};
    if (!text || strncmp(text, NOTE_START, strlen(NOTE_START)) != 0)
        return;
    for (const char *word = text + strlen(NOTE_START); *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        if (strncmp(word, "fence=", 6) == 0)
            out->fence = strtoull(word + 6, NULL, 10);
        else if (strncmp(word, "creator=", 8) == 0 && is_id(word + 8, length - 8))
            snprintf(out->creator, sizeof out->creator, "%.*s", (int)(length - 8), word + 8);
        else if (length == 6 && strncmp(word, "commit", length) == 0)
            out->committing = true;
        else if (strncmp(word, "ops=", 4) == 0)
            read_ops(out, word + 4);
        word += length;
    }
}

void ad_note_text(const struct ad_note *note, char text[AD_NOTE_MAX + 1])
{
    size_t length =
        (size_t)snprintf(text, AD_NOTE_MAX + 1, NOTE_START "fence=%" PRIu64, note->fence);
    if (note->committing)
        length += (size_t)snprintf(text + length, AD_NOTE_MAX + 1 - length, " commit");
    if (note->creator[0])
        length +=
            (size_t)snprintf(text + length, AD_NOTE_MAX + 1 - length, " creator=%s", note->creator);
    for (size_t i = 0; i < note->op_count; i++)
        length += (size_t)snprintf(text + length, AD_NOTE_MAX + 1 - length, "%s%s",
                                   i ? "," : " ops=", note->ops[i]);
}

void ad_note_add(struct ad_note *note, const char *op)
{
    if (note->op_count == AD_OPS_MAX) {
        memmove(note->ops[0], note->ops[1], sizeof note->ops - sizeof note->ops[0]);
        note->op_count--;
    }
    snprintf(note->ops[note->op_count++], GPMQ_ID_TEXT_SIZE, "%s", op);
}

bool ad_note_has(const struct ad_note *note, const char *op)
{
    for (size_t i = 0; i < note->op_count; i++)
        if (strcmp(note->ops[i], op) == 0)
            return true;
    return strcmp(note->creator, op) == 0;
}

int ad_note_put(struct ad_domain *domain, struct ldif *ldif, const struct ad_note *note,
                struct gpmq_error *err)
{
    struct ldif_record *gpc = gpc_find(ldif);
    const char *old = ldif_text(gpc, AD_ATTR_NOTE);
    char text[AD_NOTE_MAX + 1];
    struct ad_edit edits[2];
    size_t count = 0;
    ad_note_text(note, text);
    if (old && strcmp(old, text) == 0)
        return 0;
    if (old)
        edits[count++] = (struct ad_edit){AD_EDIT_DELETE, AD_ATTR_NOTE, old, strlen(old)};
    edits[count++] = (struct ad_edit){AD_EDIT_ADD, AD_ATTR_NOTE, text, strlen(text)};
    int rc = ad_ldap_modify(domain->ldap, gpc->dn, edits, count, err);
    return rc ? rc : ldif_set_text(gpc, AD_ATTR_NOTE, text, err);
}
