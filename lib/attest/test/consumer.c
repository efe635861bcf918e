/* A stranger's program in C: one verifier, eight threads, good evidence, bent evidence, noise, and nothing at all.
 * consumer FOLDER (as make_sample writes it) */
#include <iapp/attest.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 8
#define ROUNDS 6
#define MOST_FILE (1UL << 20)

struct question {
    const char* file;
    int32_t status;
    const char* reason;
};

static const struct question questions[] = {
    {"quote.bin", IAPP_ATTEST_OK, ""},
    {"bent.bin", IAPP_ATTEST_REFUSED, "attest.signature"},
    {"garbage.bin", IAPP_ATTEST_REFUSED, "attest.evidence_kind"},
    {"quote.hex", IAPP_ATTEST_OK, ""},
};
enum { QUESTIONS = sizeof questions / sizeof questions[0] };

static const char* folder;
static const iapp_attest_verifier* shared;
static iapp_attest_bytes evidence[QUESTIONS], collateral, event_log, report_data;
static int64_t now;

static void must(int ok, const char* what)
{
    if (ok) return;
    fprintf(stderr, "consumer: %s\n", what);
    exit(1);
}

static iapp_attest_bytes read_file(const char* name)
{
    char path[1024];
    iapp_attest_bytes out = {NULL, 0};
    char* data = malloc(MOST_FILE);
    FILE* file;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    must(file != NULL && data != NULL, path);
    out.size = fread(data, 1, MOST_FILE - 1, file);
    data[out.size] = '\0';
    out.data = data;
    fclose(file);
    return out;
}

static void ask(int which)
{
    iapp_attest_request request;
    iapp_attest_result* result = NULL;
    iapp_attest_error error;
    size_t size = 0;
    int32_t status;

    memset(&request, 0, sizeof request);
    request.struct_size = sizeof request;
    request.now = now;
    request.evidence = evidence[which];
    request.report_data = report_data;
    request.endorsements = &collateral;
    request.endorsement_count = 1;
    request.log = event_log;
    status = iapp_attest_verify(shared, &request, &result, &error);
    must(status == questions[which].status, questions[which].file);
    must(strcmp(iapp_attest_result_reason(result), questions[which].reason) == 0, iapp_attest_result_reason(result));
    must(strlen(iapp_attest_result_json(result, &size)) == size && size > 0, "the document's size");
    must((iapp_attest_result_measurement(result, "mrtd").size == 48) == (status == IAPP_ATTEST_OK), "mrtd");
    must(strstr(iapp_attest_result_json(result, NULL), "\"verdict\":") != NULL, "the document's verdict");
    iapp_attest_result_free(result);
}

static void* ask_all(void* start)
{
    int first = *(const int*)start, round;
    for (round = 0; round < ROUNDS; ++round) ask((first + round) % QUESTIONS);
    return NULL;
}

static void misuse(void)
{
    iapp_attest_request empty;
    iapp_attest_result* result = NULL;
    iapp_attest_verifier* none = NULL;
    iapp_attest_error error;
    char* text = NULL;
    memset(&empty, 0, sizeof empty);
    must(iapp_attest_verifier_new(NULL, &none, &error) == IAPP_ATTEST_BAD_ARGUMENT && none == NULL, "no options");
    must(iapp_attest_verify(shared, &empty, &result, &error) == IAPP_ATTEST_BAD_ARGUMENT && result == NULL, "empty request");
    must(iapp_attest_verify(NULL, NULL, NULL, NULL) == IAPP_ATTEST_BAD_ARGUMENT, "nothing");
    must(iapp_attest_inspect(evidence[0], &text, &error) == IAPP_ATTEST_OK && strstr(text, "\"verified\":false"), "inspect");
    iapp_attest_string_free(text);
    iapp_attest_result_free(NULL);
    iapp_attest_verifier_free(NULL);
}

static void run_threads(void)
{
    pthread_t threads[THREADS];
    int numbers[THREADS], i;
    for (i = 0; i < THREADS; ++i) {
        numbers[i] = i;
        must(pthread_create(&threads[i], NULL, ask_all, &numbers[i]) == 0, "a thread");
    }
    for (i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL);
}

int main(int argc, char** argv)
{
    iapp_attest_options options;
    iapp_attest_verifier* verifier = NULL;
    iapp_attest_bytes root, policy, time;
    int i;
    must(argc == 2, "usage: consumer FOLDER");
    folder = argv[1];
    root = read_file("root.pem");
    policy = read_file("policy.json");
    time = read_file("time");
    collateral = read_file("collateral.json");
    event_log = read_file("log.json");
    report_data = read_file("report_data.bin");
    now = strtoll(time.data, NULL, 10);
    for (i = 0; i < QUESTIONS; ++i) evidence[i] = read_file(questions[i].file);

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.policy = policy;
    must(iapp_attest_verifier_new_dangerous_roots(&options, root, &verifier, NULL) == IAPP_ATTEST_OK, "the verifier");
    shared = verifier;
    run_threads();
    misuse();
    iapp_attest_verifier_free(verifier);

    for (i = 0; i < QUESTIONS; ++i) free((void*)evidence[i].data);
    free((void*)root.data);
    free((void*)policy.data);
    free((void*)time.data);
    free((void*)collateral.data);
    free((void*)event_log.data);
    free((void*)report_data.data);
    printf("consumer: iapp-attest %s, %d threads, %d answers\n", iapp_attest_version(), THREADS, THREADS * ROUNDS);
    return 0;
}
