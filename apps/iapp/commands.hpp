#pragma once
// One function per command; commands.cpp lists them with their options.
#include "command.hpp"
#include "context.hpp"
#include "session.hpp"

namespace iapp::cli {

Result<Answer> run_doctor(const Arguments&, Context&);
Result<Answer> run_devnet_up(const Arguments&, Context&);
Result<Answer> run_devnet_down(const Arguments&, Context&);
Result<Answer> run_devnet_status(const Arguments&, Context&);
Result<Answer> run_devnet_env(const Arguments&, Context&);
Result<Answer> run_wallet_new(const Arguments&, Context&);
Result<Answer> run_wallet_list(const Arguments&, Context&);
Result<Answer> run_wallet_show(const Arguments&, Context&);
Result<Answer> run_wallet_import(const Arguments&, Context&);
Result<Answer> run_wallet_fund(const Arguments&, Context&);
Result<Answer> run_protect(const Arguments&, Context&);
Result<Answer> run_grant(const Arguments&, Context&);
Result<Answer> run_revoke(const Arguments&, Context&);
Result<Answer> run_data_list(const Arguments&, Context&);
Result<Answer> run_data_show(const Arguments&, Context&);
Result<Answer> run_secret_push(const Arguments&, Context&);
Result<Answer> run_secret_show(const Arguments&, Context&);
Result<Answer> run_deploy(const Arguments&, Context&);
Result<Answer> run_run(const Arguments&, Context&);
Result<Answer> run_result(const Arguments&, Context&);
Result<Answer> run_task(const Arguments&, Context&);
Result<Answer> run_deal(const Arguments&, Context&);
Result<Answer> run_verify(const Arguments&, Context&);
Result<Answer> run_attest_show(const Arguments&, Context&);
Result<Answer> run_attest_verify(const Arguments&, Context&);
Result<Answer> run_attest_bundle_export(const Arguments&, Context&);
Result<Answer> run_attest_bundle_import(const Arguments&, Context&);
Result<Answer> run_attest_policy_lint(const Arguments&, Context&);
Result<Answer> run_audit(const Arguments&, Context&);
Result<Answer> run_explain(const Arguments&, Context&);

}  // namespace iapp::cli
