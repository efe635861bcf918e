// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ArbitrumRlc} from "../src/ArbitrumRlc.sol";
import {Test} from "./Test.sol";

/// Says no, or why it cannot.
contract Receiver {
    bool public answer = true;
    address public from;
    uint256 public value;

    function refuse() external {
        answer = false;
    }

    function receiveApproval(address from_, uint256 value_, address token, bytes calldata data) external returns (bool) {
        if (data.length > 0) revert(string(data));
        (from, value) = (from_, value_);
        return ArbitrumRlc(token).transferFrom(from_, address(this), value_) && answer;
    }
}

contract ArbitrumRlcTest is Test {
    address private constant other = address(0xB0B);
    bytes32 private constant ledger = 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00;

    ArbitrumRlc private rlc;
    Receiver private receiver;

    function setUp() public {
        rlc = new ArbitrumRlc();
        receiver = new Receiver();
    }

    function test_theDeployerOwnsTheSupply() public view {
        expectEq(rlc.totalSupply(), 87_000_000 * 10 ** 9, "supply");
        expectEq(rlc.balanceOf(address(this)), rlc.totalSupply(), "the deployer's balance");
    }

    function test_balancesLieWhereThoseOfTheTokenOnArbitrumDo() public {
        vm.store(address(rlc), keccak256(abi.encode(other, ledger)), bytes32(uint256(7)));
        expectEq(rlc.balanceOf(other), 7, "a balance that was written");
    }

    function test_transfersMoveWhatIsThere(uint256 value) public {
        uint256 all = rlc.balanceOf(address(this));
        value = bound(value, 0, all);
        rlc.transfer(other, value);
        expectEq(rlc.balanceOf(other), value, "the receiver's balance");
        expectEq(rlc.balanceOf(address(this)), all - value, "the sender's balance");
        vm.expectRevert(abi.encodeWithSelector(ArbitrumRlc.InsufficientBalance.selector, other, value, value + 1));
        vm.prank(other);
        rlc.transfer(address(this), value + 1);
    }

    function test_allowancesAreUsedUp() public {
        rlc.approve(other, 5);
        vm.prank(other);
        rlc.transferFrom(address(this), other, 3);
        expectEq(rlc.allowance(address(this), other), 2, "what is left");
        vm.expectRevert(abi.encodeWithSelector(ArbitrumRlc.InsufficientAllowance.selector, other, 2, 3));
        vm.prank(other);
        rlc.transferFrom(address(this), other, 3);
    }

    function test_anEndlessAllowanceIsNot() public {
        rlc.approve(other, type(uint256).max);
        vm.prank(other);
        rlc.transferFrom(address(this), other, 3);
        expectEq(rlc.allowance(address(this), other), type(uint256).max, "what is left");
    }

    function test_nobodyIsNoReceiver() public {
        vm.expectRevert(abi.encodeWithSelector(ArbitrumRlc.ZeroAddress.selector));
        rlc.transfer(address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(ArbitrumRlc.ZeroAddress.selector));
        rlc.approve(address(0), 1);
    }

    function test_whoIsApprovedIsToldAtOnce() public {
        rlc.approveAndCall(address(receiver), 4, "");
        expectEq(receiver.from(), address(this), "whose approval");
        expectEq(rlc.balanceOf(address(receiver)), 4, "what it took");
    }

    function test_aReceiverThatRefusesUndoesTheApproval() public {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "why"));
        rlc.approveAndCall(address(receiver), 4, "why");
        receiver.refuse();
        vm.expectRevert(abi.encodeWithSelector(ArbitrumRlc.ReceiverRefused.selector, address(receiver)));
        rlc.approveAndCall(address(receiver), 4, "");
        expectEq(rlc.allowance(address(this), address(receiver)), 0, "what is approved");
    }
}
