using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>What a bank expects of a file of transfers.</summary>
internal static class CreditTransferSchema
{
    public static readonly XNamespace Names = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

    private static readonly XmlSchemaSet Schemas = Read();

    /// <summary>Reads the file; fails if it is not valid.</summary>
    public static XDocument Validated(byte[] file)
    {
        var document = XDocument.Load(new MemoryStream(file));
        var problems = new List<string>();
        document.Validate(Schemas, (_, problem) => problems.Add(problem.Message));
        Assert.Empty(problems);
        return document;
    }

    private static XmlSchemaSet Read()
    {
        using var schema = XmlReader.Create(
            typeof(CreditTransferSchema).Assembly.GetManifestResourceStream("sepa-credit-transfer.xsd")!
        );
        var schemas = new XmlSchemaSet();
        schemas.Add(null, schema);
        schemas.Compile();
        return schemas;
    }
}
