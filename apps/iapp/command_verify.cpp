// iapp verify: judges a receipt, and the result beside it, with no network: by the trust of a network document alone.
#include "commands.hpp"
#include "receipt_check.hpp"

namespace iapp::cli {

Result<Answer> run_verify(const Arguments& arguments, Context& context)
{
    TRY(const auto receipt, read_file(arguments.get("RECEIPT")));
    TRY(const auto network, context.network());
    TRY(auto judgement, judge_receipt(network, receipt, context.clock.now_seconds()));
    if (const auto folder = arguments.find("--result")) {
        if (!std::filesystem::is_directory(*folder))
            return fail(ErrorKind::not_found, "verify.folder", "there is no folder " + *folder);
        require_files(judgement, *folder);
    }
    return describe(judgement);
}

}  // namespace iapp::cli
