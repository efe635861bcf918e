// iapp doctor: what this machine has and lacks for each kind of user. Changes nothing.
#include <unistd.h>

#include "chain/time.hpp"
#include "commands.hpp"
#include "devnet/bootstrap.hpp"
#include "localchain/artifacts.hpp"
#include "paths.hpp"
#include "runtime/process.hpp"

namespace iapp::cli {
namespace {

struct Finding {
    std::string name;
    bool ok;
    std::string detail;
};

Finding program(const std::string& name, const std::string& purpose)
{
    const auto found = runtime::find_program(name);
    return {name, found.has_value(), found ? *found : "missing: install it " + purpose};
}

Finding root_rights()
{
    return {"root", ::geteuid() == 0, ::geteuid() == 0 ? "yes" : "no: a worker on this machine needs it for its sandbox"};
}

Finding tee_device()
{
    for (const char* device : {"/sys/kernel/config/tsm/report", "/dev/tdx_guest", "/dev/sev-guest"})
        if (std::filesystem::exists(device)) return {"tee", true, device};
    return {"tee", true, "none on this machine: runs here are SIMULATED"};
}

Finding sister_programs()
{
    const auto programs = devnet::find_programs(program_folder());
    return {"programs", programs.has_value(), programs ? "iappd, iapp-agent, iapp-tee-sim" : programs.error().detail};
}

Finding chain_files()
{
    const auto files = localchain::find_chain_files();
    return {"contracts", files.has_value(), files ? files->artifacts.string() : files.error().detail};
}

void look_at_network(Context& context, std::vector<Finding>& findings)
{
    auto session = Session::open(context);
    if (!session && !context.global.network.empty()) {
        findings.push_back({"network", false, session.error().detail});
        return;
    }
    if (!session) {
        findings.push_back({"network", true, "none configured; `iapp devnet up` starts one"});
        return;
    }
    const auto& network = (*session)->network;
    const auto chain_id = (*session)->rpc.chain_id((*session)->call(std::chrono::seconds(3)));
    const bool right = chain_id && *chain_id == network.chain_id;
    findings.push_back({"chain", right,
                        right      ? network.rpc_url
                        : chain_id ? "the node is on chain " + std::to_string(*chain_id)
                                   : chain_id.error().detail});
    std::vector<std::pair<std::string, std::string>> services{{"sms", network.services.sms},
                                                              {"market", network.services.market}};
    if (network.services.core) services.emplace_back("core", *network.services.core);
    for (const auto& [name, url] : services) {
        const auto answer = (*session)->http.get(url + "/version", net::deadline_in(std::chrono::seconds(3)));
        findings.push_back({name, answer.has_value(), answer ? url : url + " does not answer"});
    }
}

}  // namespace

Result<Answer> run_doctor(const Arguments&, Context& context)
{
    std::vector<Finding> findings{program("runc", "to run apps"),
                                  program("docker-registry", "to start a development network"),
                                  program("buildah", "to build images from a Dockerfile"),
                                  root_rights(),
                                  tee_device(),
                                  sister_programs(),
                                  chain_files()};
    look_at_network(context, findings);
    Answer answer;
    boost::json::array list;
    for (const Finding& finding : findings) {
        list.push_back({{"name", finding.name}, {"ok", finding.ok}, {"detail", finding.detail}});
        answer.text += (finding.ok ? "ok       " : "problem  ") + finding.name +
                       std::string(17 - std::min<std::size_t>(16, finding.name.size()), ' ') + finding.detail + "\n";
        if (!finding.ok) answer.exit_code = 1;
    }
    answer.document["findings"] = std::move(list);
    return answer;
}

}  // namespace iapp::cli
