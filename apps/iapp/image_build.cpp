#include "image_build.hpp"

#include "context.hpp"
#include "runtime/process.hpp"

namespace iapp::cli {
namespace {

namespace fs = std::filesystem;

/// buildah with storage of its own below `scratch`, so that a build needs and leaves nothing on the machine.
runtime::Command buildah(const fs::path& scratch, std::vector<std::string> args)
{
    runtime::Command command;
    command.program = "buildah";
    command.args = {"--root", (scratch / "storage").string(), "--runroot", (scratch / "run").string(), "--storage-driver",
                    "vfs"};
    command.args.insert(command.args.end(), args.begin(), args.end());
    command.env.push_back("CONTAINERS_CONF=" + (scratch / "containers.conf").string());
    command.env.push_back("HOME=" + scratch.string());
    return command;
}

Status run_buildah(const fs::path& scratch, std::vector<std::string> args)
{
    runtime::RunOptions options;
    options.timeout = std::chrono::minutes(30);
    TRY_OK(runtime::run_tool(buildah(scratch, std::move(args)), options));
    return {};
}

Result<runtime::OciLayout> build(const fs::path& context, const fs::path& scratch)
{
    TRY_OK(write_file((scratch / "containers.conf").string(), "[containers]\ndefault_ulimits=[]\n"));
    const std::string layout = (scratch / "layout").string();
    // A fixed timestamp makes the same context the same digest, so deploying twice registers one app.
    TRY_OK(run_buildah(scratch, {"bud", "--isolation", "chroot", "--layers=false", "--timestamp", "0", "--format", "oci",
                                 "-t", "iapp-build:1", context.string()}));
    TRY_OK(run_buildah(scratch, {"push", "iapp-build:1", "oci:" + layout + ":1"}));
    return runtime::OciLayout::open(layout);
}

}  // namespace

Result<runtime::OciLayout> layout_of(const fs::path& source, const fs::path& scratch)
{
    if (fs::exists(source / "Dockerfile") || fs::exists(source / "Containerfile"))
        return build(fs::absolute(source), scratch);
    if (fs::exists(source / "oci-layout")) return runtime::OciLayout::open(source.string());
    if (!fs::is_regular_file(source))
        return fail(ErrorKind::not_found, "deploy.source",
                    source.string() + " is neither a folder with a Dockerfile, nor an OCI layout, nor an archive of one");
    fs::create_directories(scratch / "layout");
    return runtime::OciLayout::unpack_tar(source.string(), (scratch / "layout").string());
}

}  // namespace iapp::cli
