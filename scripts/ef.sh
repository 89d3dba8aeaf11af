#!/usr/bin/env bash
# Runs `dotnet ef` for ClickNBackDbContext, on any package feed, without a database:
#
#   scripts/ef.sh migrations add AddSomething        (what `make migration NAME=AddSomething` does)
#   scripts/ef.sh migrations remove
#   scripts/ef.sh migrations has-pending-model-changes
#   scripts/ef.sh migrations script FROM TO
#
# Where the feed holds everything (UseAspire=true), ClickNBack.MigrationService references EF Core's design-time package and
# is the start-up project itself. Elsewhere that package cannot be restored as a reference (a dependency of its scaffolding
# half is missing), so a throw-away project under artifacts/ takes the one assembly that is needed out of it.
set -Eeuo pipefail
trap 'echo "ef.sh: failed at line $LINENO: $BASH_COMMAND" >&2' ERR

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

readonly project=ClickNBack.MigrationService
readonly context=ClickNBack.Api.Persistence.ClickNBackDbContext

if [[ $# -eq 0 ]]; then
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 2
fi

# The central version of a package in Directory.Packages.props.
central_version() {
    sed -n "s/.*<PackageVersion Include=\"$1\" Version=\"\([^\"]*\)\".*/\1/p" Directory.Packages.props | head -n 1
}

write_if_changed() { # write_if_changed FILE < content: keeps the time stamp, and so the incremental build, where nothing changed
    local content
    content=$(cat)
    [[ -f $1 && $(<"$1") == "$content" ]] || printf '%s\n' "$content" > "$1"
}

# Writes the throw-away start-up project and prints its path.
throw_away_project() {
    local folder=$root/artifacts/design-time ef
    ef=$(central_version Microsoft.EntityFrameworkCore)
    [[ -n $ef ]] || { echo "ef.sh: Directory.Packages.props has no version for Microsoft.EntityFrameworkCore" >&2; return 1; }
    mkdir -p "$folder"

    # Cuts it off from the repository's own settings: no central versions, no analyzers.
    for name in Directory.Build.props Directory.Build.targets Directory.Packages.props; do
        write_if_changed "$folder/$name" <<< '<Project />'
    done

    write_if_changed "$folder/DesignTime.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <NuGetAudit>false</NuGetAudit>
    <NoWarn>\$(NoWarn);NU1603</NoWarn> <!-- the next version up of a dependency will do -->
  </PropertyGroup>
  <ItemGroup>
    <FrameworkReference Include="Microsoft.AspNetCore.App" />
    <ProjectReference Include="$root/$project/$project.csproj" />
    <PackageDownload Include="Microsoft.EntityFrameworkCore.Design" Version="[$ef]" />
    <Reference Include="Microsoft.EntityFrameworkCore.Design"
               HintPath="\$(NuGetPackageRoot)microsoft.entityframeworkcore.design/$ef/lib/net10.0/Microsoft.EntityFrameworkCore.Design.dll" />
    <!-- what that assembly needs to write code -->
    <PackageReference Include="Humanizer.Core" Version="2.14.1" />
    <PackageReference Include="Microsoft.CodeAnalysis.CSharp.Workspaces" Version="5.12.0" />
    <PackageReference Include="Microsoft.Extensions.DependencyModel" Version="$ef" />
  </ItemGroup>
</Project>
XML

    # EF Core looks for the factory in the start-up project only, so this one passes on to the real one.
    write_if_changed "$folder/Program.cs" <<CSHARP
using System.Reflection;
using Microsoft.EntityFrameworkCore.Design;
using Context = global::$context;

return 0;

internal sealed class Factory : IDesignTimeDbContextFactory<Context>
{
    public Context CreateDbContext(string[] args)
    {
        var type = Assembly.Load("$project").GetTypes()
            .Single(t => !t.IsAbstract && typeof(IDesignTimeDbContextFactory<Context>).IsAssignableFrom(t));
        return ((IDesignTimeDbContextFactory<Context>)Activator.CreateInstance(type, nonPublic: true)!).CreateDbContext(args);
    }
}
CSHARP
    echo "$folder"
}

use_aspire=$(dotnet msbuild "$project" -getProperty:UseAspire)
if [[ $use_aspire == true ]]; then
    startup=$project
else
    startup=$(throw_away_project)
fi

dotnet tool restore > /dev/null
dotnet build "$startup" --nologo --verbosity quiet -clp:NoSummary # here, because `dotnet ef` keeps a build's errors to itself

options=(--no-build --project "$project" --startup-project "$startup" --context "$context")
case "$1 ${2:-}" in
    "migrations add") options+=(--output-dir Migrations) ;;
    "migrations remove") options+=(--force) ;; # there is no database to ask whether it was applied
    "migrations "* | "dbcontext "*) ;;
    *) echo "ef.sh: only 'migrations …' and 'dbcontext …' make sense here; the database belongs to $project" >&2; exit 2 ;;
esac
exec dotnet ef "$@" "${options[@]}"
