using System.Text.Json;
using ClickNBack.Tests.Contract;
using ClickNBack.Tests.Infrastructure;
using k8s;
using k8s.Models;

namespace ClickNBack.Tests.Deployment;

/// <summary>What <c>deploy/kubernetes</c> says is what <c>aspire-manifest.json</c> says (G7), in Kubernetes' own terms.</summary>
[Trait("Category", "Drift")]
public sealed class KubernetesTests
{
    private static readonly JsonElement Resources = JsonDocument
        .Parse(Committed.Read("aspire-manifest.json"))
        .RootElement.GetProperty("resources");

    private static readonly object[] Base =
    [
        .. Directory
            .GetFiles(Path.Combine(Committed.Root, "deploy", "kubernetes", "base"))
            .Where(it => Path.GetFileName(it) != "kustomization.yaml")
            .SelectMany(it => Parse(File.ReadAllText(it))),
    ];

    private static V1PodSpec[] Pods =>
        [
            .. Base.OfType<V1Deployment>().Select(it => it.Spec.Template.Spec),
            .. Base.OfType<V1Job>().Select(it => it.Spec.Template.Spec),
        ];

    [Theory]
    [InlineData("api")]
    [InlineData("migrations")]
    public void A_program_has_the_environment_of_the_manifest(string program)
    {
        var container = Assert.Single(Pods.SelectMany(it => it.Containers), it => it.Name == program);
        var given = container.Env.ToDictionary(it => it.Name, StringComparer.Ordinal);

        foreach (var wanted in Resources.GetProperty(program).GetProperty("env").EnumerateObject())
        {
            var variable = Assert.Contains(wanted.Name, (IDictionary<string, V1EnvVar>)given);
            if (IsSecret(wanted.Value.GetString()!))
            {
                Assert.Equal("clicknback", variable.ValueFrom.SecretKeyRef.Name);
            }
            else if (!wanted.Value.GetString()!.Contains('{', StringComparison.Ordinal))
            {
                Assert.Equal(wanted.Value.GetString(), variable.Value);
            }
        }
    }

    [Fact]
    public void No_secret_stands_in_it() =>
        Assert.All(
            Pods.SelectMany(it => it.Containers).SelectMany(it => it.Env),
            it =>
                Assert.True(
                    it.Value is null
                        || !it.Value.Contains("Password=", StringComparison.Ordinal)
                        || it.Value.Contains("Password=$(", StringComparison.Ordinal),
                    it.Name
                )
        );

    [Fact]
    public void Its_containers_may_do_nothing_but_their_work() =>
        Assert.All(
            Pods,
            pod =>
            {
                Assert.False(pod.AutomountServiceAccountToken);
                Assert.True(pod.SecurityContext.RunAsNonRoot);
                Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
                var container = Assert.Single(pod.Containers);
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
                Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.Contains("memory", container.Resources.Limits);
            }
        );

    /// <summary>A new API is ready before an old one ends, and an old one has the time to end what it has begun.</summary>
    [Fact]
    public void A_rollout_takes_nothing_away_before_there_is_more()
    {
        var api = Assert.Single(Base.OfType<V1Deployment>()).Spec;
        var container = Assert.Single(api.Template.Spec.Containers);

        Assert.Equal("0", api.Strategy.RollingUpdate.MaxUnavailable.Value);
        Assert.Equal("/ready", container.ReadinessProbe.HttpGet.Path);
        Assert.Equal("/health", container.LivenessProbe.HttpGet.Path); // whoever waits for the database is not to be killed
        Assert.Equal(40, api.Template.Spec.TerminationGracePeriodSeconds);
        Assert.Equal(
            Resources
                .GetProperty("api")
                .GetProperty("bindings")
                .GetProperty("http")
                .GetProperty("targetPort")
                .GetInt32(),
            container.Ports.Single(it => it.Name == "http").ContainerPort
        );
    }

    [FactWith(Requirement.Kustomize)]
    public void An_environment_is_whole()
    {
        var known = Committed.Read("docs/configuration.md");
        foreach (var environment in (string[])["staging", "production"])
        {
            var objects = Parse(
                Shell.Run($"kubectl kustomize '{Committed.Root}/deploy/kubernetes/{environment}' 2>&1")
            );

            Assert.Equal(Base.Length + 1, objects.Length); // and its settings
            Assert.All(
                objects.OfType<IMetadata<V1ObjectMeta>>(),
                it => Assert.Equal($"clicknback-{environment}", it.Metadata.NamespaceProperty)
            );
            var settings = Assert.Single(objects.OfType<V1ConfigMap>());
            Assert.All(
                settings.Data.Keys.Where(it => it.Contains("__", StringComparison.Ordinal)),
                it =>
                    Assert.Contains(
                        $"`{string.Join(':', it.Split("__").Where(part => !int.TryParse(part, out _)))}`",
                        known,
                        StringComparison.Ordinal
                    )
            );
            Assert.All(
                objects.OfType<V1Deployment>().SelectMany(it => it.Spec.Template.Spec.Containers),
                it => Assert.Equal(settings.Metadata.Name, Assert.Single(it.EnvFrom).ConfigMapRef.Name)
            );
        }
    }

    private static object[] Parse(string yaml) => [.. KubernetesYaml.LoadAllFromString(yaml, strict: true)];

    private static bool IsSecret(string value) =>
        value.StartsWith('{')
        && value.EndsWith(".value}", StringComparison.Ordinal)
        && Resources.TryGetProperty(value[1..^".value}".Length], out var parameter)
        && parameter.GetProperty("inputs").GetProperty("value").TryGetProperty("secret", out _);
}
