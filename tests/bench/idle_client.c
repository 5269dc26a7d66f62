/* A JACK client that does nothing, on time: how often blocks come late without any of our work.
 *
 * Usage: idle_client SECONDS; the server is JACK_DEFAULT_SERVER. Prints `measuring`, `measured`, one JSON object.
 * Build: gcc -O2 idle_client.c -o idle_client -ljack -lpthread
 */

#include <jack/jack.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARM_UP_US 200000

static jack_port_t *out;
static atomic_uint calls;
static atomic_int policy = -1;

static int process(jack_nframes_t frames, void *unused)
{
    struct sched_param param;
    int now;
    (void)unused;
    if (atomic_load_explicit(&calls, memory_order_relaxed) == 0 && !pthread_getschedparam(pthread_self(), &now, &param))
        atomic_store(&policy, now);
    memset(jack_port_get_buffer(out, frames), 0, frames * sizeof(float));
    atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    return 0;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1.0;
    unsigned before, found;
    jack_client_t *client = jack_client_open("idle", JackNoStartServer, NULL);

    if (!client) {
        fprintf(stderr, "idle_client: no JACK server accepts it\n");
        return 1;
    }
    jack_set_process_callback(client, process, NULL);
    out = jack_port_register(client, "out", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    if (!out || jack_activate(client)) {
        fprintf(stderr, "idle_client: cannot be activated\n");
        return 1;
    }
    jack_connect(client, jack_port_name(out), "system:playback_1"); /* as part of the graph; not having it is no error */
    usleep(WARM_UP_US);
    before = atomic_load(&calls);
    printf("measuring\n");
    fflush(stdout);
    usleep((useconds_t)(seconds * 1e6));
    printf("measured\n");
    fflush(stdout);
    found = atomic_load(&calls) - before;
    printf("{\"calls\": %u, \"realtime\": %s}\n", found,
           atomic_load(&policy) == SCHED_FIFO || atomic_load(&policy) == SCHED_RR ? "true" : "false");
    fflush(stdout);
    jack_deactivate(client);
    jack_client_close(client);
    return 0;
}
