// iapp explain: what an error id means, offline.
#include "commands.hpp"
#include "explanations.hpp"

namespace iapp::cli {

Result<Answer> run_explain(const Arguments& arguments, Context&)
{
    const std::string id = arguments.get("ID");
    const auto found = explain(id);
    if (found.empty()) return fail(ErrorKind::not_found, "explain.unknown", "no error is called " + id);
    Answer answer;
    boost::json::array entries;
    for (const auto& entry : found) {
        entries.push_back({{"id", entry.id}, {"meaning", entry.meaning}, {"fix", entry.fix}});
        answer.text += entry.id + "\n  what  " + entry.meaning + "\n  fix   " + entry.fix + "\n";
    }
    answer.document["entries"] = std::move(entries);
    return answer;
}

}  // namespace iapp::cli
