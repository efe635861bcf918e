// iapp verify: judges a receipt with no network. iapp audit: follows the secret service's ledger and proves it only grew.
#include "commands.hpp"
#include "outcome.hpp"

namespace iapp::cli {

Result<Answer> run_verify(const Arguments& arguments, Context& context)
{
    TRY(const auto receipt, read_file(arguments.get("RECEIPT")));
    TRY(const auto network, context.network());
    TRY(const auto report, check_receipt(network, receipt, context.clock.now_seconds()));
    return describe_report(report);
}

}  // namespace iapp::cli
