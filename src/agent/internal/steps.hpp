#pragma once
// The steps of a run, in order. Each is one file; run.cpp calls them one after the other.
#include <future>

#include "agent/internal/scratch.hpp"
#include "agent/internal/task.hpp"
#include "runtime/sandbox.hpp"
#include "runtime/unpack.hpp"

namespace iapp::agent {

/// Reads the assignment. Errors: those of wire::parse_agent_config; invalid_input "agent.task_id" (the task is not this
/// deal's), "agent.image_digest" (reference and digest disagree), those of oci.
Result<Assignment> read_assignment(std::string_view config_line);

/// Fetches manifest and configuration by the digest of the assignment.
/// Errors: those of runtime::Registry and manifest; precondition_failed "agent.network" (the app wants a network we do not
/// give), "agent.resources" (more memory than there is).
Result<AppImage> fetch_image(const Assignment& task, const runtime::Registry& registry, const net::CallContext& call);

/// Extends the registers with the six identity events, in the order verifiers demand; nothing can follow the last.
/// Errors: those of tee.
Result<attest::EventLog> measure(const Assignment& task, const AppImage& app, tee::EvidenceSource& tee);

/// The image unpacked into the scratch folder, on a thread of its own while the keys are asked for. Begins after measure():
/// whatever this image does to who reads it, the registers already say which image it was.
class Unpacking {
public:
    /// All but `blobs` must outlive this.
    Unpacking(const AppImage& app, const Scratch& scratch, std::function<runtime::BlobOpener(net::CallContext)> blobs,
              const net::CallContext& call);
    /// Given up, unless it is done.
    ~Unpacking() { stop_.request_stop(); }

    /// Errors: those of runtime and net. Once.
    Result<runtime::Rootfs> finish() { return rootfs_.get(); }

private:
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> on_stop_;
    std::future<Result<runtime::Rootfs>> rootfs_;  ///< its destructor waits for the thread
};

/// Asks for the keys with the evidence of what was measured, opens the answer and checks that it is the answer to this
/// question. Errors: the refusal's own id; permission_denied "agent.reply_signer" (not the answer of the service we were
/// told to believe); corrupt "agent.bundle_*" (bundle_check.hpp); those of tee, crypto and net.
Result<Admission> request_release(const Assignment& task, const EnclaveKeys& keys, attest::EventLog measured,
                                  const World& world, const net::CallContext& call);

/// Fetches, checks and decrypts every released dataset into the input folder.
/// Errors: permission_denied "agent.dataset_refused"; corrupt "agent.dataset_checksum"; invalid_input "agent.dataset_url";
/// those of seal, blobs and net.
Status fetch_datasets(const Admission& admission, const AppImage& app, const Assignment& task, const Scratch& scratch,
                      const World& world, const net::CallContext& call);

/// Fetches the requester's input files. They carry no checksum: what arrives is what the app gets.
/// Errors: unavailable "agent.input_file"; resource_exhausted "agent.input_size"; those of net.
Status fetch_inputs(const Admission& admission, const Assignment& task, const Scratch& scratch, const World& world,
                    const net::CallContext& call);

/// Runs the app in the unpacked image. How the app failed is in the outcome; `removal` is what the container leaves.
/// Errors: those of runtime and oci.
Result<runtime::SandboxOutcome> run_app(const Assignment& task, const AppImage& app, const Admission& admission,
                                        const Scratch& scratch, runtime::Rootfs rootfs, std::chrono::milliseconds wall_clock,
                                        const std::stop_token& stop, std::optional<runtime::ContainerRemoval>& removal);

/// Whether the app's stdout and stderr may be told in clear: nothing was protected in this run, so there is nothing they
/// could give away. No dataset, released or refused, no secret of anybody, and a result that everybody can read.
bool may_tell_logs(const wire::ReleaseBundle& bundle);

/// Tells the worker the last kMaxLogCharacters of each stream, when it may.
void tell_logs(const Admission& admission, const runtime::SandboxOutcome& outcome, const World& world);

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
