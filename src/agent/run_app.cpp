// Steps 3 and 5: unpack the image, and run the app over the inputs, with nothing but what its manifest and the deal allow.
#include <unistd.h>

#include <array>

#include "agent/internal/app_command.hpp"
#include "agent/internal/steps.hpp"

namespace iapp::agent {
namespace {

constexpr std::array<std::string_view, 6> kMountPoints{"proc", "dev", "sys", "tmp", "iexec_in", "iexec_out"};

oci::RuntimeLimits limits_of(const manifest::Resources& wanted, const ScratchLimits& scratch)
{
    oci::RuntimeLimits out;
    out.memory_bytes = std::uint64_t{wanted.memory_mib} << 20;
    out.pids = wanted.pids;
    out.cpu_millis = wanted.cpus * 1000;
    out.tmp_bytes = std::uint64_t{wanted.tmp_mib} << 20;
    out.file_bytes = scratch.output_bytes;
    return out;
}

Result<oci::User> user_of(const runtime::Image& image, const runtime::Rootfs& rootfs)
{
    TRY(const auto passwd, rootfs.read_text("etc/passwd"));
    TRY(const auto group, rootfs.read_text("etc/group"));
    return oci::resolve_user(image.config.user, passwd, group);
}

/// The output folder belongs to the app's user, as that user is called outside the container.
Status hand_over_output(const Scratch& scratch, const oci::User& user)
{
    if (::chown(scratch.output().c_str(), user.uid, user.gid) == 0) return {};
    return fail(ErrorKind::internal, "agent.output", "cannot give the output folder to the app's user");
}

Result<runtime::Rootfs> unpack_image(const AppImage& app, const Scratch& scratch, const runtime::BlobOpener& blobs)
{
    TRY(auto rootfs, runtime::Rootfs::create(scratch.rootfs(), oci::RuntimeSpec{}.ids));
    TRY_OK(runtime::unpack(app.image, blobs, rootfs));
    TRY_OK(rootfs.add_folders(kMountPoints));
    return rootfs;
}

void wipe(std::vector<std::string>& words)
{
    for (auto& word : words) crypto::wipe({reinterpret_cast<std::uint8_t*>(word.data()), word.size()});
}

}  // namespace

Unpacking::Unpacking(const AppImage& app, const Scratch& scratch, std::function<runtime::BlobOpener(net::CallContext)> blobs,
                     const net::CallContext& call)
    : on_stop_(call.stop, [this] { stop_.request_stop(); }),
      rootfs_(std::async(std::launch::async, [&app, &scratch, blobs = std::move(blobs),
                                              own = net::CallContext{call.request_id, call.deadline, stop_.get_token()}] {
          return unpack_image(app, scratch, blobs(own));
      }))
{
}

Result<runtime::SandboxOutcome> run_app(const Assignment& task, const AppImage& app, const Admission& admission,
                                        const Scratch& scratch, runtime::Rootfs rootfs, std::chrono::milliseconds wall_clock,
                                        const std::stop_token& stop, std::optional<runtime::ContainerRemoval>& removal)
{
    const auto& image = app.image;
    runtime::SandboxRun run{.bundle_dir = scratch.bundle(), .wall_clock = wall_clock};
    TRY(const auto words, split_words(admission.params.args));
    TRY(run.spec.args, oci::process_args(image.config, words));

    TRY(run.spec.user, user_of(image, rootfs));
    TRY_OK(hand_over_output(scratch, oci::host_user(run.spec)));

    run.spec.rootfs = scratch.rootfs();
    run.spec.env = app_environment(admission, task.config, image.config.env);
    run.spec.cwd = image.config.working_dir.empty() ? "/" : image.config.working_dir;
    run.spec.limits = limits_of(app.manifest.resources, {});
    run.spec.input_dir = scratch.input();
    run.spec.output_dir = scratch.output();

    TRY(const auto sandbox, runtime::Sandbox::open({.state_dir = task.config.work_dir + "/runc"}));
    auto outcome = sandbox.run(run, stop, &removal);
    wipe(run.spec.env);
    return outcome;
}

}  // namespace iapp::agent
