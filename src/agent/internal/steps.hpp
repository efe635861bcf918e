#pragma once
// The steps of a run, in order. Each is one file; run.cpp calls them one after the other.
#include "agent/internal/scratch.hpp"
#include "agent/internal/task.hpp"
#include "runtime/sandbox.hpp"

namespace iapp::agent {

/// Reads the assignment. Errors: those of wire::parse_agent_config; invalid_input "agent.task_id" (the task is not this
/// deal's), "agent.image_digest" (reference and digest disagree), those of oci.
Result<Assignment> read_assignment(std::string_view config_line);

/// Fetches manifest and configuration by the digest of the assignment.
/// Errors: those of runtime::Registry and manifest; precondition_failed "agent.network" (the app wants a network we do not
/// give), "agent.resources" (more memory than there is).
Result<AppImage> fetch_image(const Assignment& task, const runtime::Registry& registry, const net::CallContext& call);

/// Measures the run, asks for the keys with the evidence, opens the answer and checks that it is the answer to this
/// question. Errors: the refusal's own id; permission_denied "agent.reply_signer" (not the answer of the service we were
/// told to believe); corrupt "agent.bundle_*" (bundle_check.hpp); those of tee, crypto and net.
Result<Admission> request_release(const Assignment& task, const AppImage& app, const EnclaveKeys& keys, const World& world,
                                  const net::CallContext& call);

/// Fetches, checks and decrypts every released dataset into the input folder.
/// Errors: permission_denied "agent.dataset_refused"; corrupt "agent.dataset_checksum"; invalid_input "agent.dataset_url";
/// those of seal, blobs and net.
Status fetch_datasets(const Admission& admission, const AppImage& app, const Assignment& task, const Scratch& scratch,
                      const World& world, const net::CallContext& call);

/// Fetches the requester's input files. They carry no checksum: what arrives is what the app gets.
/// Errors: unavailable "agent.input_file"; resource_exhausted "agent.input_size"; those of net.
Status fetch_inputs(const Admission& admission, const Assignment& task, const Scratch& scratch, const World& world,
                    const net::CallContext& call);

/// Unpacks the image and runs the app. How the app failed is in the outcome.
/// Errors: those of runtime and oci.
Result<runtime::SandboxOutcome> run_app(const Assignment& task, const AppImage& app, const Admission& admission,
                                        const Scratch& scratch, const runtime::BlobOpener& blobs,
                                        std::chrono::milliseconds wall_clock, const std::stop_token& stop);

/// Judges what the app left. A failed app still has a result: an error.txt that names the reason, in the place of its files.
/// Errors: deadline_exceeded "app.timeout" (no result at all, so that the requester is refunded); precondition_failed
/// "agent.callback" (a callback task without data to call back with); internal "agent.output".
Result<Output> collect_output(const Admission& admission, const Scratch& scratch, runtime::SandboxOutcome outcome);

/// The result of an app that did not produce one: error.txt says "<id>: <text>". Errors: as collect_output().
Result<Output> failed_output(const Admission& admission, const Scratch& scratch, std::string_view id, std::string_view text,
                             runtime::SandboxOutcome outcome);

/// Archives, seals to whom the release says, and uploads.
Result<StoredResult> store_result(const Admission& admission, const Output& output, const Assignment& task,
                                  const Scratch& scratch, const net::HttpClient& http, const net::CallContext& call);

/// When the run began and ended.
struct RunTimes {
    UnixSeconds started, finished;
};

/// Writes down everything a verifier needs, signs it with the enclave key, seals it like the result when that is age, and
/// uploads. Returns its CID.
Result<std::string> store_receipt(const Assignment& task, const AppImage& app, const Admission& admission,
                                  const EnclaveKeys& keys, const Output& output, const StoredResult& stored,
                                  const RunTimes& times, bool simulated, const net::HttpClient& http,
                                  const net::CallContext& call);

}  // namespace iapp::agent
