// The run, step by step: this file reads as the protocol does. Whatever fails, nothing but a reason leaves.
#include "agent/internal/steps.hpp"
#include "base/log.hpp"
#include "poco/contribution.hpp"
#include "poco/result.hpp"

namespace iapp::agent {
namespace {

using std::chrono::milliseconds;

/// Tells the worker how long each phase took.
class Phases {
public:
    explicit Phases(const World& world) : world_(world), started_(world.clock.now()) {}

    void end(std::string name)
    {
        const auto now = world_.clock.now();
        if (world_.tell) world_.tell(wire::AgentPhase{std::move(name), now - started_});
        started_ = now;
    }

private:
    const World& world_;
    UnixMillis started_;
};

net::CallContext call_until(UnixSeconds deadline, const World& world, const poco::TaskId& task)
{
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - world.clock.now());
    return {.request_id = task.hex(), .deadline = net::deadline_in(std::max(left, milliseconds(0))), .stop = world.stop};
}

/// The category's time, or what is left before the worker gives up on us, with something left to store the result.
milliseconds wall_clock(const Admission& admission, const Assignment& task, const World& world)
{
    const auto left = std::chrono::duration_cast<milliseconds>(task.config.deadline - world.clock.now());
    const milliseconds paid = admission.bundle.category_time;
    return std::max(milliseconds(0), std::min(paid, left * 9 / 10));
}

/// Data or arguments that can never work are the app's result; a service that is away is not.
bool is_final(const Error& error)
{
    return error.reason == "agent.dataset_checksum" || error.reason == "agent.args" || error.reason.starts_with("seal.");
}

/// Steps 4 to 6: inputs, app, output.
Result<Output> compute(const Assignment& task, const AppImage& app, const Admission& admission, const Scratch& scratch,
                       Unpacking& unpacking, const World& world, const net::CallContext& call, Phases& phases,
                       std::optional<runtime::ContainerRemoval>& removal)
{
    auto fetched = fetch_datasets(admission, app, task, scratch, world, call);
    if (fetched) fetched = fetch_inputs(admission, task, scratch, world, call);
    phases.end("fetch");
    if (!fetched && is_final(fetched.error()))
        return failed_output(admission, scratch, fetched.error().reason, "an input cannot be used", {.exit = {.code = 125}});
    if (!fetched) return std::unexpected(fetched.error());

    TRY(auto rootfs, unpacking.finish());
    phases.end("unpack");
    auto outcome =
        run_app(task, app, admission, scratch, std::move(rootfs), wall_clock(admission, task, world), world.stop, removal);
    phases.end("run");
    if (!outcome && is_final(outcome.error()))
        return failed_output(admission, scratch, outcome.error().reason, outcome.error().detail, {.exit = {.code = 125}});
    if (!outcome) return std::unexpected(outcome.error());
    tell_logs(admission, *outcome, world);
    return collect_output(admission, scratch, *std::move(outcome));
}

std::string link_of(const poco::Deal& deal, const StoredResult& stored, const std::string& receipt_cid)
{
    const bool callback = !deal.callback.is_zero();
    return encode(poco::ResultLink{.storage = callback ? "ethereum" : "ipfs",
                                   .location = callback ? eth::to_checksum(deal.callback) : "/ipfs/" + stored.cid,
                                   .receipt = "/ipfs/" + receipt_cid});
}

}  // namespace

Result<wire::AgentResult> run_task(std::string_view config_line, const World& world)
{
    Phases phases(world);
    const UnixSeconds started = world.clock.now_seconds();
    TRY(const auto task, read_assignment(config_line));
    const auto call = call_until(task.config.deadline, world, task.config.task);
    TRY(const auto scratch, Scratch::create(task.config.work_dir));
    const EnclaveKeys keys{eth::Wallet::generate(), crypto::HpkeKeyPair::generate()};
    const runtime::Registry registry(world.elsewhere, scratch.root());

    TRY(const auto app, fetch_image(task, registry, call));
    phases.end("image");
    TRY(auto measured, measure(task, app, world.tee));
    Unpacking unpacking(
        app, scratch, [&](net::CallContext own) { return registry.blobs(task.image, std::move(own)); }, call);
    TRY(const auto admission, request_release(task, keys, std::move(measured), world, call));
    phases.end("attest");
    if (!admission.params.degraded.empty())
        log::warning("params were not understood and became the app's arguments", {{"rule", admission.params.degraded}});

    std::optional<runtime::ContainerRemoval> removal;
    TRY(const auto output, compute(task, app, admission, scratch, unpacking, world, call, phases, removal));
    TRY(const auto stored, store_result(admission, output, task, scratch, world.http, call));
    const RunTimes times{started, world.clock.now_seconds()};
    TRY(const auto receipt_cid,
        store_receipt(task, app, admission, keys, output, stored, times, world.tee.simulated(), world.http, call));
    phases.end("store");

    const auto message = poco::enclave_message(task.config.worker, task.config.task, output.digest);
    wire::AgentResult result{.digest = output.digest,
                             .enclave_address = keys.wallet.address(),
                             .enclave_signature = keys.wallet.sign_personal(message),
                             .result_link = link_of(admission.bundle.deal, stored, receipt_cid),
                             .callback_data = output.callback_data,
                             .receipt_cid = receipt_cid};
    const bool sealed_receipt = std::holds_alternative<wire::SealToAge>(admission.bundle.result);
    if (!sealed_receipt) result.exit_code = static_cast<std::uint8_t>(output.exit_code);
    if (world.tell) world.tell(result);
    return result;
}

}  // namespace iapp::agent
