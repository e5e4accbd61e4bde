/*
 * sim_main.c - runs seeds.
 *
 *     sim [--seeds=N] [--first=S] [--steps=M] [--trace] [--twice] [--plant=NAME]
 *
 * Exit: 0 no violation, 1 one was found (with --plant: the other way round).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"

struct arguments {
    uint64_t first;
    uint64_t seeds;
    bool twice; /* run each seed again: the same must happen */
    struct sim_options options;
};

static const char *value_of(const char *argument, const char *name)
{
    size_t size = strlen(name);
    return strncmp(argument, name, size) == 0 && argument[size] == '=' ? argument + size + 1 : NULL;
}

static bool read_plant(enum sim_plant *out, const char *name)
{
    for (enum sim_plant plant = 0; plant < SIM_PLANT_END; plant++)
        if (strcmp(sim_plant_name(plant), name) == 0) {
            *out = plant;
            return true;
        }
    return false;
}

static bool read_argument(struct arguments *out, const char *argument)
{
    const char *value;
    if ((value = value_of(argument, "--seeds")))
        out->seeds = strtoull(value, NULL, 10);
    else if ((value = value_of(argument, "--first")))
        out->first = strtoull(value, NULL, 10);
    else if ((value = value_of(argument, "--steps")))
        out->options.steps_max = (uint32_t)strtoul(value, NULL, 10);
    else if ((value = value_of(argument, "--plant")))
        return read_plant(&out->options.plant, value);
    else if (strcmp(argument, "--trace") == 0)
        out->options.trace = true;
    else if (strcmp(argument, "--twice") == 0)
        out->twice = true;
    else
        return false;
    return true;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* True: the seed holds. */
static bool run_seed(const struct arguments *arguments, uint64_t seed, struct sim_verdict *verdict)
{
    struct sim_options options = arguments->options;
    struct sim_verdict again;

    options.seed = seed;
    sim_run(&options, verdict);
    if (!verdict->failed && arguments->twice) {
        sim_run(&options, &again);
        if (again.trace_hash != verdict->trace_hash || again.steps != verdict->steps) {
            verdict->failed = true;
            snprintf(verdict->text, sizeof verdict->text, "the second run went another way");
        }
    }
    return !verdict->failed;
}

/* That every way to end was taken shows that the worlds are rich enough. */
static void print_ends(const uint64_t ends[GPMQ_STATE_END])
{
    for (enum gpmq_state state = GPMQ_SUCCEEDED; state < GPMQ_STATE_END; state++)
        printf("%s%s %llu", state == GPMQ_SUCCEEDED ? "" : ", ", gpmq_state_name(state),
               (unsigned long long)ends[state]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.first = 1, .seeds = 1000};
    uint64_t steps = 0, hash = 0, operations = 0, crashes = 0, violations = 0, seed;
    uint64_t ends[GPMQ_STATE_END] = {0};

    for (int i = 1; i < argc; i++)
        if (!read_argument(&arguments, argv[i])) {
            fprintf(stderr,
                    "sim: '%s' is unknown; sim [--seeds=N] [--first=S] [--steps=M] [--trace] "
                    "[--twice] [--plant=NAME]\n",
                    argv[i]);
            return 2;
        }
    double begun = seconds();
    for (seed = arguments.first; seed < arguments.first + arguments.seeds && !violations; seed++) {
        struct sim_verdict verdict;
        if (!run_seed(&arguments, seed, &verdict)) {
            violations++;
            printf("seed %llu, %lld ms, step %llu: %s\nagain: sim --first=%llu --seeds=1 --trace\n",
                   (unsigned long long)seed, (long long)verdict.end_ms,
                   (unsigned long long)verdict.steps, verdict.text, (unsigned long long)seed);
        }
        steps += verdict.steps;
        hash = hash * 31 + verdict.trace_hash;
        operations += verdict.operation_count;
        crashes += verdict.broker_crashes;
        for (enum gpmq_state state = 1; state < GPMQ_STATE_END; state++)
            ends[state] += verdict.ends[state];
    }
    double took = seconds() - begun;
    printf("%llu seeds, %llu violations, %.0f steps/s\n",
           (unsigned long long)(seed - arguments.first), (unsigned long long)violations,
           (double)steps / took);
    printf("%llu operations, %llu broker crashes, %llu steps in %.1f s, trace %016llx\n",
           (unsigned long long)operations, (unsigned long long)crashes, (unsigned long long)steps,
           took, (unsigned long long)hash);
    print_ends(ends);
    return (violations > 0) != (arguments.options.plant != SIM_PLANT_NONE);
}
