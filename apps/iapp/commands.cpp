#include "commands.hpp"

namespace iapp::cli {
namespace {

using enum Option::Shape;

std::vector<Option> wallet_options()
{
    return {{"NAME", "NAME", "name of the wallet", positional, true},
            {"--light", "", "cheap password hashing, for development keys", flag}};
}

std::vector<Option> devnet_options(std::vector<Option> more = {})
{
    std::vector<Option> options{{"--dir", "DIR", "where the network lives (default: $XDG_STATE_HOME/iapp/devnet)"}};
    options.insert(options.end(), more.begin(), more.end());
    return options;
}

std::vector<Command> network_commands()
{
    return {
        {"doctor",
         "look at this machine and the network, say what is missing",
         "  iapp doctor\n  iapp doctor --json\n",
         {},
         run_doctor},
        {"devnet up", "start a complete network on this machine (simulated TEE)",
         "  iapp devnet up --detach --port-base 21000 --port sms=13350,market=3050\n"
         "  iapp devnet up --rpc-url http://127.0.0.1:8545 --deployment deployment.json\n",
         devnet_options({{"--detach", "", "return once everything answers", flag},
                         {"--port-base", "PORT", "first of the ten ports to use (default 20000)"},
                         {"--port", "NAME=PORT,...",
                          "single ports: rpc, sms, market, ipfs-api, ipfs-gateway, core, registry, index, compass, "
                          "result-proxy",
                          values},
                         {"--chain-id", "ID", "chain id (default 421614, which the npm DataProtector accepts)"},
                         {"--canonical-addresses", "",
                          "contracts at their addresses on Arbitrum Sepolia, where npm clients look", flag},
                         {"--rpc-url", "URL", "use this node's chain instead of starting one"},
                         {"--deployment", "FILE", "what is on that chain: addresses and keys, as JSON"}}),
         run_devnet_up},
        {"devnet down", "stop it; its state stays", "  iapp devnet down\n  iapp devnet down --dir /tmp/net\n",
         devnet_options(), run_devnet_down},
        {"devnet status", "which of its programs answer", "  iapp devnet status\n  iapp devnet status --json\n",
         devnet_options(), run_devnet_status},
        {"devnet env", "print KEY=value lines for other tools", "  iapp devnet env\n  eval \"$(iapp devnet env)\"\n",
         devnet_options(), run_devnet_env},
        {"wallet new", "make a key and keep it encrypted",
         "  iapp wallet new alice\n  iapp wallet new dev --light --password-file pw\n", wallet_options(), run_wallet_new},
        {"wallet import",
         "keep an existing private key encrypted",
         "  iapp wallet import alice --key-file key.hex\n  iapp wallet import dev --light --key-file key.hex\n",
         {{"NAME", "NAME", "name of the wallet", positional, true},
          {"--key-file", "FILE", "file with 0x and 64 hex digits", value, true},
          {"--light", "", "cheap password hashing, for development keys", flag}},
         run_wallet_import},
        {"wallet list", "wallets on this machine", "  iapp wallet list\n  iapp wallet list --json\n", {}, run_wallet_list},
        {"wallet show",
         "balances of a wallet or address",
         "  iapp wallet show alice\n  iapp wallet show 0x...\n",
         {{"NAME", "NAME", "wallet or address", positional, true}},
         run_wallet_show},
        {"wallet fund",
         "development networks only: give a wallet money and stake",
         "  iapp wallet fund alice\n  iapp wallet fund alice --stake 5000000000\n",
         {{"NAME", "NAME", "wallet or address", positional, true},
          {"--stake", "NRLC", "stake to deposit (default 1000 RLC)"}},
         run_wallet_fund},
    };
}

std::vector<Command> owner_commands()
{
    return {
        {"protect",
         "encrypt data and own it on chain",
         "  iapp protect patients.csv --name \"Cohort A\" --wallet hospital\n  iapp protect --object profile.json --wallet "
         "alice\n",
         {{"PATH", "PATH", "file or folder", positional},
          {"--object", "FILE", "a JSON object instead (- for standard input)"},
          {"--name", "TEXT", "public name of the dataset"},
          {"--format", "v1|v2", "v2 (authenticated chunks, default) or v1 (iExec's own)"}},
         run_protect},
        {"grant",
         "let an app, and a requester, use a dataset",
         "  iapp grant 0xDATA --app 0xAPP --user 0xREQUESTER --uses 3 --until 30d\n  iapp grant 0xDATA --app 0xAPP --user "
         "any --bulk\n",
         {{"DATASET", "ADDRESS", "the dataset", positional, true, "--protectedData"},
          {"--app", "ADDRESS", "the app, or a whitelist contract", value, true, "--authorizedApp"},
          {"--user", "ADDRESS", "the requester, or \"any\"", value, true, "--authorizedUser"},
          {"--workerpool", "ADDRESS", "only on this workerpool"},
          {"--price", "NRLC", "price of one use (default 0)"},
          {"--uses", "N", "how many uses (default 1)"},
          {"--bulk", "", "any number of uses, also together with other data", flag},
          {"--until", "TIME", "no key after this: 2026-12-24T00:00:00Z, or 90s, 15m, 6h, 30d from now"},
          {"--max-releases", "N", "no more than N key releases, retries included"}},
         run_grant},
        {"revoke",
         "take grants back: no new match, no further key release",
         "  iapp revoke 0xDATA --app 0xAPP\n  iapp revoke --order 0xHASH\n",
         {{"DATASET", "ADDRESS", "the dataset", positional},
          {"--app", "ADDRESS", "only grants for this app"},
          {"--user", "ADDRESS", "only grants for this requester"},
          {"--order", "HASH", "exactly this grant, also when it is used up: stops releases for deals already matched"}},
         run_revoke},
        {"data list",
         "open grants of an owner",
         "  iapp data list --wallet hospital\n  iapp data list --owner 0x...\n",
         {{"--owner", "ADDRESS", "owner (default: the wallet)"}},
         run_data_list},
        {"data show",
         "a dataset and its open grants",
         "  iapp data show 0xDATA\n  iapp data show 0xDATA --json\n",
         {{"DATASET", "ADDRESS", "the dataset", positional, true}},
         run_data_show},
    };
}

std::vector<Command> app_commands()
{
    return {
        {"deploy",
         "push an image by digest and register it as an app",
         "  iapp deploy ./app --wallet dev\n  iapp deploy image.tar --name cohort --price 100000000\n",
         {{"SOURCE", "PATH", "folder with a Dockerfile, OCI layout, or an archive of one", positional, true},
          {"--name", "NAME", "name of app and repository"},
          {"--price", "NRLC", "price of one run (default 0)"},
          {"--secret-file", "FILE", "the app's secret, for IEXEC_APP_DEVELOPER_SECRET; cannot be changed later"}},
         run_deploy},
        {"run",
         "run an app on protected data and open its result",
         "  iapp run 0xAPP --data 0xDATA --wallet alice\n  iapp run 0xAPP --data 0xA --data 0xB --args \"--year 2026\" "
         "--max-price 500\n",
         {{"APP", "ADDRESS", "the app", positional, true},
          {"--data", "ADDRESS", "a dataset; several run together in one task", values, false, "--protectedData"},
          {"--args", "TEXT", "arguments; public, on chain"},
          {"--input-file", "URL", "a public input file", values, false, "--inputFile"},
          {"--requester-secret", "N=NAME", "our secret NAME as IEXEC_REQUESTER_SECRET_N", values, false,
           "--requesterSecret"},
          {"--category", "N", "time class of the workerpool (default 0)"},
          {"--max-price", "NRLC", "most a task may cost (default 0)"},
          {"--callback", "ADDRESS", "contract that receives the result"},
          {"--rsa-result", "", "seal the result in iExec's RSA form", flag},
          {"--out", "DIR", "where the result goes"},
          {"--detach", "", "return after the match", flag}},
         run_run},
        {"secret push",
         "lend a secret to apps we run; stored once, never shown again",
         "  iapp secret push api-key --file key.txt --wallet alice\n  iapp secret push token --file /dev/stdin --wallet "
         "alice\n",
         {{"NAME", "NAME", "what --requester-secret calls it", positional, true},
          {"--file", "FILE", "the value: the file's bytes exactly", value, true}},
         run_secret_push},
        {"secret show",
         "whether a secret of ours is stored (never its value)",
         "  iapp secret show api-key --wallet alice\n  iapp secret show api-key --wallet alice --json\n",
         {{"NAME", "NAME", "its name", positional, true}},
         run_secret_show},
        {"result",
         "fetch, open and check what a task left",
         "  iapp result 0xTASK --wallet alice\n  iapp result 0xTASK --out out\n",
         {{"TASK", "ID", "the task", positional, true}, {"--out", "DIR", "folder to write to"}},
         run_result},
        {"task",
         "state, deadlines and failure of a task",
         "  iapp task 0xTASK\n  iapp task 0xTASK --json\n",
         {{"TASK", "ID", "the task", positional, true}},
         run_task},
        {"deal",
         "a deal and its tasks",
         "  iapp deal 0xDEAL\n  iapp deal 0xDEAL --json\n",
         {{"DEAL", "ID", "the deal", positional, true}},
         run_deal},
    };
}

std::vector<Command> proof_commands()
{
    return {
        {"verify",
         "judge a receipt offline; prints its level first",
         "  iapp verify receipt.json\n  iapp verify out/receipt.json --result out --network production.toml\n",
         {{"RECEIPT", "FILE", "the receipt", positional, true},
          {"--result", "DIR", "also compare the files of this folder with it"}},
         run_verify},
        {"audit",
         "check the key-release ledger and list its decisions",
         "  iapp audit\n  iapp audit --task 0xTASK\n",
         {{"--task", "ID", "only decisions about this task"}, {"--from", "N", "first leaf to print"}},
         run_audit},
        {"explain",
         "what an error id means and what to do, offline",
         "  iapp explain policy.revoked\n  iapp explain attest.debug\n",
         {{"ID", "ID", "error id, or its beginning", positional, true}},
         run_explain},
    };
}

std::vector<Command> attest_commands()
{
    return {
        {"attest show",
         "what a quote, report, log, certificate or collateral file says; believes nothing",
         "  iapp attest show quote.bin\n  iapp attest show report.hex --json\n",
         {{"FILE", "FILE", "any of these, raw, hex, base64, PEM or JSON", positional, true}},
         run_attest_show},
        {"attest verify",
         "judge evidence of a TEE by files and a policy, offline",
         "  iapp attest verify quote.bin --collateral collateral.json --policy policy.json --report-data 00ff...\n  iapp "
         "attest "
         "verify report.bin --vcek vcek.der --cert-chain ask_ark.pem --crl milan.crl --at 2026-04-01T00:00:00Z\n",
         {{"FILE", "FILE", "quote, report or evidence document; raw, hex or base64", positional, true},
          {"--collateral", "PATH", "collateral: one document, or a folder of files", values},
          {"--at", "TIME", "time of verification: 2026-04-01T00:00:00Z or unix seconds (default now)"},
          {"--policy", "FILE", "appraisal policy; without it authenticity only: measurements are not judged"},
          {"--report-data", "HEX", "what the evidence must have been asked for, whole"},
          {"--event-log", "FILE", "measured log, runtime log or boot log that explains the registers"},
          {"--vcek", "FILE", "SEV-SNP: the VCEK or VLEK, DER or PEM", value, false, "--vlek"},
          {"--cert-chain", "FILE", "SEV-SNP: ASK (or ASVK) and ARK, PEM", values},
          {"--crl", "FILE", "revocation list of the ARK or of Intel's CAs", values},
          {"--root", "FILE", "trust this root (PEM) instead of the vendor's; what it vouches for counts as simulated"},
          {"--allow-simulated", "", "accept evidence under a root that is not a vendor's", flag},
          {"--ak", "FILE", "TPM: the attestation key to trust, PEM"},
          {"--signature", "FILE", "TPM: the signature, when it is not in one document with the quote"},
          {"--pcrs", "FILE", "TPM: values of the quoted registers, one after the other"}},
         run_attest_verify},
        {"attest policy lint",
         "read a policy, say what it leaves open",
         "  iapp attest policy lint policy.json\n  iapp attest policy lint policy.json --json\n",
         {{"FILE", "FILE", "appraisal policy", positional, true}},
         run_attest_policy_lint},
        {"attest bundle export",
         "fetch and verify the collateral that evidence needs, as one file for machines without a network",
         "  iapp attest bundle export quote.bin --out bundle.json\n  iapp attest bundle export report.bin --product Milan "
         "--kds "
         "https://kds.example.net --out bundle.json\n",
         {{"FILES", "FILE", "quotes, reports, evidence documents", positionals, true},
          {"--out", "FILE", "where the bundle goes", value, true},
          {"--pccs", "URL", "a PCCS instead of Intel's own service"},
          {"--kds", "URL", "a mirror instead of AMD's own service"},
          {"--product", "NAME", "Milan, Genoa or Turin, for reports that do not say"},
          {"--root", "FILE", "trust this root (PEM) instead of the vendor's"},
          {"--cache", "DIR", "folder of the cache (default: $XDG_STATE_HOME/iapp/endorsements)"}},
         run_attest_bundle_export},
        {"attest bundle import",
         "verify a bundle and keep what it holds; older than what is kept is refused",
         "  iapp attest bundle import bundle.json\n  iapp attest bundle import bundle.json --cache "
         "/var/lib/iapp/endorsements\n",
         {{"FILE", "FILE", "the bundle", positional, true},
          {"--root", "FILE", "trust this root (PEM) instead of the vendor's"},
          {"--cache", "DIR", "folder of the cache (default: $XDG_STATE_HOME/iapp/endorsements)"}},
         run_attest_bundle_import},
    };
}

}  // namespace

const std::vector<Command>& all_commands()
{
    static const std::vector<Command> all = [] {
        std::vector<Command> commands;
        for (auto* group : {network_commands, owner_commands, app_commands, proof_commands, attest_commands})
            for (Command& command : group()) commands.push_back(std::move(command));
        return commands;
    }();
    return all;
}

}  // namespace iapp::cli
