/* A JACK client that does nothing, on time: how often blocks come late without any of our work.
 *
 * Usage: idle_client SECONDS [NAME]; the server is JACK_DEFAULT_SERVER. Prints `measuring`, `measured`, one JSON object.
 * Build: gcc -O2 idle_client.c -o idle_client -ljack -lpthread
 */

#include <jack/jack.h>
#include <jack/thread.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_CALLS (1 << 21) /* 46 minutes of 64 frames at 48 kHz */
#define WARM_UP_US 200000

static jack_client_t *client;
static jack_port_t *out;
static atomic_int xruns, gone, measuring;
static int policy = -1;
static jack_nframes_t skipped;
static jack_nframes_t next_frame;
static atomic_uint calls;
static unsigned late;
static jack_time_t last_us;
static double block_us;
static float intervals_us[MOST_CALLS], delays_us[MOST_CALLS];

static int silence(jack_nframes_t frames)
{
    memset(jack_port_get_buffer(out, frames), 0, frames * sizeof(float));
    return 0;
}

static int process(jack_nframes_t frames, void *unused)
{
    jack_time_t now_us = jack_get_time();
    jack_nframes_t frame = jack_last_frame_time(client);
    unsigned call = atomic_load_explicit(&calls, memory_order_relaxed);
    (void)unused;
    if (!atomic_load_explicit(&measuring, memory_order_relaxed))
        return silence(frames);
    if (call == 0) {
        struct sched_param param;
        pthread_getschedparam(pthread_self(), &policy, &param);
    } else {
        float interval_us = (float)(now_us - last_us);
        if (frame > next_frame)
            skipped += frame - next_frame;
        if (interval_us > 2.0 * block_us)
            late++;
        if (call - 1 < MOST_CALLS) {
            intervals_us[call - 1] = interval_us;
            delays_us[call - 1] = (float)((double)now_us - (double)jack_frames_to_time(client, frame));
        }
    }
    last_us = now_us;
    next_frame = frame + frames;
    atomic_store_explicit(&calls, call + 1, memory_order_release);
    return silence(frames);
}

static int count_xrun(void *unused)
{
    (void)unused;
    atomic_fetch_add(&xruns, 1);
    return 0;
}

static void leave(void *unused)
{
    (void)unused;
    atomic_store(&gone, 1);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void print_spread(const char *name, float *values, unsigned count)
{
    qsort(values, count, sizeof *values, by_size);
    printf("\"%s\": {\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}", name, values[count / 2], values[count * 99 / 100],
           values[count - 1]);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1.0;
    unsigned count;

    memset(intervals_us, 0, sizeof intervals_us); /* their pages are touched before time matters */
    memset(delays_us, 0, sizeof delays_us);
    client = jack_client_open(argc > 2 ? argv[2] : "idle", JackNoStartServer, NULL);
    if (!client) {
        fprintf(stderr, "idle_client: no JACK server accepts it\n");
        return 1;
    }
    block_us = 1e6 * jack_get_buffer_size(client) / jack_get_sample_rate(client);
    jack_set_process_callback(client, process, NULL);
    jack_set_xrun_callback(client, count_xrun, NULL);
    jack_on_shutdown(client, leave, NULL);
    out = jack_port_register(client, "out", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    if (!out || jack_activate(client)) {
        fprintf(stderr, "idle_client: cannot be activated\n");
        return 1;
    }
    jack_connect(client, jack_port_name(out), "system:playback_1"); /* as part of the graph; not having it is no error */
    usleep(WARM_UP_US);
    atomic_store(&xruns, 0);
    atomic_store(&measuring, 1);
    printf("measuring\n");
    fflush(stdout);
    for (double left = seconds; left > 0 && !atomic_load(&gone); left -= 0.01)
        usleep(left < 0.01 ? (useconds_t)(left * 1e6) : 10000);
    atomic_store(&measuring, 0);
    printf("measured\n");
    fflush(stdout);
    usleep(WARM_UP_US / 10); /* until the last call that measures has ended */
    count = atomic_load(&calls);
    if (count < 2) {
        fprintf(stderr, "idle_client: was never called\n");
        return 1;
    }
    count = count - 1 < MOST_CALLS ? count - 1 : MOST_CALLS;
    printf("{\"calls\": %u, \"xruns\": %d, \"late\": %u, \"skipped_frames\": %u, \"block_us\": %.1f, \"realtime\": %s, ",
           atomic_load(&calls), atomic_load(&xruns), late, skipped, block_us,
           policy == SCHED_FIFO || policy == SCHED_RR ? "true" : "false");
    print_spread("interval_us", intervals_us, count);
    printf(", ");
    print_spread("delay_us", delays_us, count);
    printf("}\n");
    fflush(stdout);
    if (!atomic_load(&gone)) {
        jack_deactivate(client);
        jack_client_close(client);
    }
    return 0;
}
