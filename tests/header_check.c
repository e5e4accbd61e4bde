/* header_check.c - the installed headers are plain C11, without extensions. */
#include <gpmq/client.h>

int main(void)
{
    struct gpmq_client *client = (void *)0;
    gpmq_client_close(&client);
    return gpmq_code_exit(GPMQ_OK);
}
