/* The destructors of what repository.h hands out. */
#include "cleanup.h"
#include "backup_model.h"

void backup_info_free(struct backup_info *info)
{
    free(info->domain);
    free(info->domain_controller);
    free(info->comment);
    free(info->display_name);
    *info = (struct backup_info){0};
}

void backup_infos_free(struct backup_infos *infos)
{
    for (size_t i = 0; i < infos->count; i++)
        backup_info_free(&infos->items[i]);
    free(infos->items);
    *infos = (struct backup_infos){0};
}

/* Patterns hold matches, which hold nothing: backup_xml_read.c bounds the depth anyway. */
void backup_object_clear(struct backup_object *object)
{
    for (size_t i = 0; i < object->child_count; i++)
        backup_object_clear(&object->children[i]);
    free(object->children);
    free(object->path);
    free(object->source_path);
    free(object->location);
    free(object->reevaluate);
    *object = (struct backup_object){0};
}

void backup_extensions_free(struct backup_extensions *extensions)
{
    for (size_t i = 0; i < extensions->count; i++) {
        struct backup_extension *extension = &extensions->items[i];
        for (size_t k = 0; k < extension->object_count; k++)
            backup_object_clear(&extension->objects[k]);
        gpo_free_ds_objects(extension->ds_objects, extension->ds_object_count);
        free(extension->objects);
        free(extension->id);
        free(extension->name);
    }
    free(extensions->items);
    *extensions = (struct backup_extensions){0};
}

void backup_principals_free(struct backup_principals *principals)
{
    for (size_t i = 0; i < principals->count; i++)
        domain_principal_free(&principals->items[i].principal);
    free(principals->items);
    *principals = (struct backup_principals){0};
}

void backup_free(struct backup **backup_p)
{
    struct backup *backup = STEAL(*backup_p);
    if (!backup)
        return;
    struct backup_extensions extensions = {backup->extension_count, backup->extensions};
    struct backup_principals principals = {backup->principal_count, backup->principals};
    backup_extensions_free(&extensions);
    backup_principals_free(&principals);
    for (size_t i = 0; i < backup->file_path_count; i++)
        free(backup->file_paths[i]);
    free(backup->file_paths);
    free(backup->security_descriptor_text);
    backup_info_free(&backup->info);
    gpo_free(&backup->gpo);
    free(backup);
}
