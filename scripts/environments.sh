#!/usr/bin/env bash
# GitHub's rules for who may deploy where. Needs gh, logged in as an administrator for `create`.
#
#   scripts/environments.sh create LOGIN   staging without a question, production once LOGIN has approved; tags and main only
#   scripts/environments.sh check NAME     fails if nobody has to approve a deployment to that environment
set -Eeuo pipefail

usage() { echo "usage: environments.sh create LOGIN | check NAME" >&2 && exit 64; }

put() { # put NAME REVIEWERS
    gh api --silent --method PUT "repos/{owner}/{repo}/environments/$1" --input - <<JSON
{"reviewers": $2, "deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true}}
JSON
    gh api --silent --method POST "repos/{owner}/{repo}/environments/$1/deployment-branch-policies" -f name='v*' -f type=tag
    gh api --silent --method POST "repos/{owner}/{repo}/environments/$1/deployment-branch-policies" -f name=main -f type=branch
}

[[ $# -eq 2 ]] || usage
case $1 in
    create)
        reviewer=$(gh api "users/$2" --jq .id)
        put staging '[]'
        put production "[{\"type\": \"User\", \"id\": $reviewer}]"
        ;;
    check)
        reviewers=$(gh api "repos/${GITHUB_REPOSITORY:-{owner\}/{repo\}}/environments/$2" \
            --jq '[.protection_rules[] | select(.type == "required_reviewers")] | length')
        if [[ $reviewers -eq 0 ]]; then
            echo "Nobody has to approve a deployment to $2: scripts/environments.sh create LOGIN" >&2
            exit 1
        fi
        ;;
    *) usage ;;
esac
