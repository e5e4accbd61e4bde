/* backup.c - backs up one GPO and shows how far it is.
 *
 *     cc -o backup backup.c $(pkg-config --cflags --libs gpmq)
 *     ./backup tcp://127.0.0.1:5670 contoso.example {31B2F340-016D-11D2-945F-00C04FB984F9} nightly
 */
#include <gpmq/client.h>
#include <stdio.h>

static void on_status(int32_t numerator, int32_t denominator, int32_t hr,
                      const struct gpmq_result *result, const struct gpmq_status_msgs *msgs,
                      const struct gpmq_status *status, void *user)
{
    (void)user;
    printf("%3d %% %s\n", (int)(100.0 * numerator / denominator), gpmq_state_name(status->state));
    for (uint32_t i = 0; msgs && i < msgs->count; i++)
        printf("      %s\n", msgs->items[i].message);
    if (result && hr == GPMQ_S_OK)
        printf("backup %s\n", gpmq_result_property(result, "id"));
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    struct gpmq_client *client = NULL;
    struct gpmq_client_options options = {.broker = argv[1]};
    struct gpmq_request request = {
        .kind = "gpo.backup", .domain = argv[2], .gpo = argv[3], .repository = argv[4]};
    struct gpmq_id op;
    struct gpmq_error err = {0};
    if (gpmq_client_open(&client, &options, &err) || gpmq_submit(client, &request, &op, &err) ||
        gpmq_watch(client, &op, on_status, NULL, &err) ||
        gpmq_wait(client, &op, 1, GPMQ_WAIT_ALL, -1, &err))
        fprintf(stderr, "backup: %s\n", err.text);
    bool well = !err.code && gpmq_outcome(client, &op)->state == GPMQ_SUCCEEDED;
    gpmq_client_close(&client);
    return well ? 0 : err.code ? gpmq_code_exit(err.code) : 1;
}
