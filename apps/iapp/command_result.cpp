// iapp result: fetches, opens and checks what a task left.
#include "commands.hpp"
#include "outcome.hpp"

namespace iapp::cli {

Result<Answer> run_result(const Arguments& arguments, Context& context)
{
    TRY(const auto id, poco::TaskId::from_hex(arguments.get("TASK")));
    TRY(auto session, Session::open(context));
    context.phases.start("fetch and open");
    TRY(const auto outcome, fetch_outcome(*session, id, arguments.get("--out", "result-" + id.hex().substr(2, 8))));
    Answer answer;
    if (!outcome.receipt_file.empty()) {
        context.phases.start("verify the receipt");
        TRY(const auto receipt, read_file(outcome.receipt_file));
        TRY(const auto report, check_receipt(session->network, receipt, context.clock.now_seconds()));
        answer = describe_report(report);
    }
    context.phases.finish();
    boost::json::array files;
    for (const auto& file : outcome.files) files.push_back(boost::json::string(file));
    answer.document["folder"] = outcome.folder.string();
    answer.document["files"] = std::move(files);
    answer.text += "folder    " + outcome.folder.string() + "\n";
    return answer;
}

}  // namespace iapp::cli
