#include "tee/source_choice.hpp"

#include <algorithm>
#include <array>

#include "tee/configfs_tsm.hpp"
#include "tee/gramine.hpp"

namespace iapp::tee {
namespace {

struct KindName {
    SourceKind kind;
    std::string_view name;
};
constexpr std::array kKinds{KindName{SourceKind::simulated, "simulated"}, KindName{SourceKind::configfs_tsm, "configfs-tsm"},
                            KindName{SourceKind::gramine, "gramine"}, KindName{SourceKind::tpm, "tpm"}};

}  // namespace

std::string_view name(SourceKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

Result<SourceKind> parse_source_kind(std::string_view text)
{
    const auto* found = std::ranges::find(kKinds, text, &KindName::name);
    if (found != kKinds.end()) return found->kind;
    return fail(ErrorKind::invalid_input, "tee.source",
                "no evidence source is called that; use one of: simulated, configfs-tsm, gramine, tpm");
}

Result<std::unique_ptr<EvidenceSource>> open_source(SourceKind kind)
{
    switch (kind) {
        case SourceKind::simulated:
            return open_simulated();
        case SourceKind::configfs_tsm:
            return ConfigfsTsm::open();
        case SourceKind::gramine:
            return GramineSource::open();
        case SourceKind::tpm:
            break;
    }
    return fail(ErrorKind::precondition_failed, "tee.source_not_linked",
                "this program has no TPM software linked in; choose the source of the confidential VM itself");
}

}  // namespace iapp::tee
