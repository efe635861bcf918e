/* Is this evidence acceptable? Exit code 0 yes, 6 no, 2 cannot be asked like this.
 * cc verify.c -o verify $(pkg-config --cflags --libs iapp-attest)
 * verify POLICY EVIDENCE UNIX_TIME [-e ENDORSEMENT]... [-r REPORT_DATA] [-l LOG] [-d DANGEROUS_ROOTS] */
#include <iapp/attest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FILE (4UL << 20)
#define MOST_ENDORSEMENTS 16

static iapp_attest_bytes read_file(const char* path)
{
    iapp_attest_bytes out = {NULL, 0};
    FILE* file = fopen(path, "rb");
    char* data = malloc(MOST_FILE);
    if (file == NULL || data == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(IAPP_ATTEST_BAD_ARGUMENT);
    }
    out.size = fread(data, 1, MOST_FILE, file);
    out.data = data;
    fclose(file);
    return out;
}

static void drop(iapp_attest_bytes bytes) { free((void*)bytes.data); }

int main(int argc, char** argv)
{
    iapp_attest_options options = {.struct_size = sizeof options};
    iapp_attest_request request = {.struct_size = sizeof request};
    iapp_attest_bytes endorsements[MOST_ENDORSEMENTS], roots = {NULL, 0};
    iapp_attest_verifier* verifier = NULL;
    iapp_attest_result* result = NULL;
    iapp_attest_error error;
    int32_t status;
    int i;

    if (argc < 4 || argc % 2 != 0) {
        fprintf(stderr, "usage: verify POLICY EVIDENCE UNIX_TIME [-e FILE]... [-r FILE] [-l FILE] [-d FILE]\n");
        return IAPP_ATTEST_BAD_ARGUMENT;
    }
    options.policy = read_file(argv[1]);
    request.evidence = read_file(argv[2]);
    request.now = strtoll(argv[3], NULL, 10);
    request.endorsements = endorsements;
    for (i = 4; i + 1 < argc; i += 2) {
        iapp_attest_bytes file = read_file(argv[i + 1]);
        if (strcmp(argv[i], "-r") == 0) request.report_data = file;
        else if (strcmp(argv[i], "-l") == 0) request.log = file;
        else if (strcmp(argv[i], "-d") == 0) roots = file;
        else if (request.endorsement_count < MOST_ENDORSEMENTS) endorsements[request.endorsement_count++] = file;
        else drop(file);
    }

    if (roots.data != NULL) status = iapp_attest_verifier_new_dangerous_roots(&options, roots, &verifier, &error);
    else status = iapp_attest_verifier_new(&options, &verifier, &error);
    if (status == IAPP_ATTEST_OK) status = iapp_attest_verify(verifier, &request, &result, &error);
    if (result != NULL) printf("%s\n", iapp_attest_result_json(result, NULL));
    else fprintf(stderr, "%s: %s\n", error.reason, error.detail);

    iapp_attest_result_free(result);
    iapp_attest_verifier_free(verifier);
    drop(options.policy);
    drop(request.evidence);
    drop(request.report_data);
    drop(request.log);
    drop(roots);
    for (i = 0; i < (int)request.endorsement_count; ++i) drop(endorsements[i]);
    return status;
}
