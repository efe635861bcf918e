// Step 1 and 2: what to run, from the worker's words and from the image itself. Nothing here is secret or trusted yet.
#include <sys/sysinfo.h>

#include "agent/internal/steps.hpp"

namespace iapp::agent {
namespace {

Result<oci::Digest> agreed_digest(const oci::ImageReference& reference, std::string_view text)
{
    TRY(const auto digest, oci::Digest::parse(text));
    if (reference.digest && *reference.digest != digest)
        return fail(ErrorKind::invalid_input, "agent.image_digest",
                    "the image reference names another digest than the deal's checksum");
    return digest;
}

/// A limit above what there is limits nothing: the app could take the machine's memory from everybody else.
Status check_memory(const manifest::Resources& wanted)
{
    struct sysinfo machine = {};
    if (::sysinfo(&machine) != 0) return fail(ErrorKind::internal, "agent.resources", "cannot ask for the machine's memory");
    const std::uint64_t mib = (std::uint64_t{machine.totalram} * machine.mem_unit) >> 20;
    if (wanted.memory_mib < mib) return {};
    return fail(ErrorKind::precondition_failed, "agent.resources",
                "the app's manifest asks for " + std::to_string(wanted.memory_mib) + " MiB and this machine has " +
                    std::to_string(mib));
}

}  // namespace

Result<Assignment> read_assignment(std::string_view config_line)
{
    TRY(auto config, wire::parse_agent_config(config_line));
    if (poco::task_id(config.deal, config.index) != config.task)
        return fail(ErrorKind::invalid_input, "agent.task_id",
                    "task " + config.task.hex() + " is not number " + std::to_string(config.index) + " of its deal");
    TRY(auto reference, oci::parse_reference(config.image));
    TRY(const auto digest, agreed_digest(reference, config.image_digest));
    return Assignment{std::string(config_line), std::move(config), std::move(reference), digest};
}

Result<AppImage> fetch_image(const Assignment& task, const runtime::Registry& registry, const net::CallContext& call)
{
    TRY(runtime::Image image, registry.fetch(task.image, task.image_digest, call));
    const auto label = image.config.labels.find(std::string(manifest::kLabel));
    const bool labelled = label != image.config.labels.end();
    TRY(auto manifest, manifest::of_label(labelled ? std::optional(label->second) : std::nullopt));
    if (!manifest.network.empty())
        return fail(ErrorKind::precondition_failed, "agent.network",
                    "the app's manifest opens network endpoints, and this agent runs apps without a network");
    TRY_OK(check_memory(manifest.resources));
    std::string text = labelled ? label->second : std::string{};
    return AppImage{std::move(image), std::move(text), std::move(manifest)};
}

}  // namespace iapp::agent
