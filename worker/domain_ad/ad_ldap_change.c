/* ad_ldap_change.c - libldap: add, modify, delete. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ad_ldap_state.h"
#include "cleanup.h"
#include "fail.h"

#define TREE_DELETE "1.2.840.113556.1.4.805"
#define SD_FLAGS    "1.2.840.113556.1.4.801"

/* BER of SEQUENCE { INTEGER 4 }: the DACL. */
static char sd_flags[] = {0x30, 0x03, 0x02, 0x01, 0x04};

/* Lists of libldap, all in one piece of memory each. */
struct mods {
    LDAPMod *items;
    LDAPMod **list;
    struct berval *values;
    struct berval **value_lists;
};

static void free_mods(struct mods *mods)
{
    free(mods->items);
    free(mods->list);
    free(mods->values);
    free(mods->value_lists);
}

static int new_mods(struct mods *mods, size_t count, struct gpmq_error *err)
{
    mods->items = calloc(count + 1, sizeof *mods->items);
    mods->list = calloc(count + 1, sizeof *mods->list);
    mods->values = calloc(count + 1, sizeof *mods->values);
    mods->value_lists = calloc(2 * count + 2, sizeof *mods->value_lists);
    if (mods->items && mods->list && mods->values && mods->value_lists)
        return 0;
    return fail(err, GPMQ_ENOMEM, "no memory for a change of a directory object");
}

static int operation_of(enum ad_edit_kind kind)
{
    static const int operations[] = {[AD_EDIT_ADD] = LDAP_MOD_ADD,
                                     [AD_EDIT_DELETE] = LDAP_MOD_DELETE,
                                     [AD_EDIT_REPLACE] = LDAP_MOD_REPLACE};
    return operations[kind] | LDAP_MOD_BVALUES;
}

/* Edits of one attribute with one kind become one LDAPMod; a list of values ends in NULL. */
static void fill_mods(struct mods *mods, const struct ad_edit *edits, size_t count)
{
    size_t mod = 0, slot = 0;
    for (size_t i = 0; i < count; i++) {
        const struct ad_edit *edit = &edits[i];
        bool more = i > 0 && edits[i - 1].kind == edit->kind && edit->bytes &&
                    strcasecmp(edits[i - 1].name, edit->name) == 0;
        if (!more) {
            slot += i > 0;
            mods->items[mod] =
                (LDAPMod){.mod_op = operation_of(edit->kind),
                          .mod_type = (char *)edit->name,
                          .mod_vals.modv_bvals = edit->bytes ? &mods->value_lists[slot] : NULL};
            mods->list[mod] = &mods->items[mod];
            mod++;
        }
        if (!edit->bytes)
            continue;
        mods->values[i] = (struct berval){.bv_len = edit->size, .bv_val = (char *)edit->bytes};
        mods->value_lists[slot++] = &mods->values[i];
    }
}

int ad_ldap_modify(struct ad_ldap *ldap, const char *dn, const struct ad_edit *edits, size_t count,
                   struct gpmq_error *err)
{
    CLEANUP(free_mods) struct mods mods = {0};
    int rc = new_mods(&mods, count, err);
    if (rc)
        return rc;
    fill_mods(&mods, edits, count);
    /* Of a security descriptor the DACL alone: who may change that need not own the object. */
    LDAPControl dacl = {.ldctl_oid = (char *)SD_FLAGS,
                        .ldctl_value = {sizeof sd_flags, sd_flags},
                        .ldctl_iscritical = 1};
    LDAPControl *controls[] = {&dacl, NULL};
    int result = ldap_modify_ext_s(ldap->handle, dn, mods.list, controls, NULL);
    return result ? ad_ldap_fail(ldap, result, err, "change", dn) : 0;
}

int ad_ldap_add(struct ad_ldap *ldap, const struct ldif_record *record, struct gpmq_error *err)
{
    CLEANUP(free_mods) struct mods mods = {0};
    CLEANUP(free_pointer) struct ad_edit *edits = calloc(record->count + 1, sizeof *edits);
    int rc = edits ? new_mods(&mods, record->count, err)
                   : fail(err, GPMQ_ENOMEM, "no memory for a directory object");
    if (rc)
        return rc;
    for (size_t i = 0; i < record->count; i++)
        edits[i] = (struct ad_edit){.kind = AD_EDIT_ADD,
                                    .name = record->values[i].name,
                                    .bytes = record->values[i].bytes,
                                    .size = record->values[i].size};
    fill_mods(&mods, edits, record->count);
    int result = ldap_add_ext_s(ldap->handle, record->dn, mods.list, NULL, NULL);
    return result ? ad_ldap_fail(ldap, result, err, "make", record->dn) : 0;
}

int ad_ldap_delete_tree(struct ad_ldap *ldap, const char *dn, struct gpmq_error *err)
{
    LDAPControl tree = {.ldctl_oid = (char *)TREE_DELETE, .ldctl_iscritical = 1};
    LDAPControl *controls[] = {&tree, NULL};
    int result = ldap_delete_ext_s(ldap->handle, dn, controls, NULL);
    return result ? ad_ldap_fail(ldap, result, err, "delete", dn) : 0;
}
