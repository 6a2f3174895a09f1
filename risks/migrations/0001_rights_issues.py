import aimprogress.core.ids
import aimprogress.core.scoping
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0003_plan_assessment'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RightsIssue',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('number', models.PositiveIntegerField(default=0, editable=False)),
                ('catalogue', models.CharField(blank=True, max_length=3, verbose_name='kind of issue')),
                ('title', models.CharField(max_length=160, verbose_name='what may happen, or happens, to people')),
                ('rights', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('LIFE', 'Life and security'), ('LIB', 'Liberty, no arbitrary detention'), ('TORT', 'No torture or cruel treatment'), ('SLAV', 'No slavery, forced labour or trafficking'), ('MOVE', 'Free movement'), ('FAM', 'Family and privacy'), ('CONSC', 'Thought, conscience, religion'), ('EXPR', 'Expression and information'), ('ASSEM', 'Assembly'), ('ASSOC', 'Association and collective bargaining'), ('NONDISC', 'Equality'), ('WORK', 'Decent work, just conditions'), ('WAGE', 'Fair pay'), ('OSH', 'Safe work'), ('REST', 'Rest and limited hours'), ('CHILD', 'Rights of children, no child labour'), ('FOOD', 'Adequate food'), ('WATER', 'Water and sanitation'), ('HOUSE', 'Housing'), ('HEALTH', 'Physical and mental health'), ('EDU', 'Education'), ('SOC', 'Social security'), ('PROP', 'Property and land'), ('NAT', 'Nationality and identity papers'), ('REMED', 'Effective remedy'), ('ENV', 'Clean environment'), ('SELFD', 'Self-determination and resources')], max_length=8), blank=True, default=list, size=None, verbose_name='rights')),
                ('groups', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('EMPLOYEES', 'Own employees'), ('AGENCY', 'Agency and contract workers'), ('SUPPLIER_WORKERS', "Suppliers' workers"), ('FARMERS', 'Smallholders and farm workers'), ('DRIVERS', 'Drivers and seafarers'), ('IDPS', 'Internally displaced people'), ('REFUGEES', 'Refugees, holders of temporary protection'), ('THIRD_COUNTRY', 'Third-country nationals'), ('WOMEN', 'Women'), ('CHILDREN', 'Children'), ('OLDER', 'Older people'), ('DISABILITIES', 'Persons with disabilities'), ('LGBTI', 'LGBTI+ people'), ('ROMA', 'Roma'), ('MINORITIES', 'Ethnic and language minorities'), ('REPRESENTATIVES', 'Union representatives and rights defenders'), ('MOBILISED', 'Mobilised people, veterans and their families'), ('COMMUNITIES', 'Local communities'), ('CUSTOMERS', 'Customers who depend on essential goods'), ('BEREAVED', 'Families of the dead and missing')], max_length=20), blank=True, default=list, size=None, verbose_name='people affected')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('ihl_relevant', models.BooleanField(blank=True, null=True, verbose_name='humanitarian law applies')),
                ('is_actual', models.BooleanField(default=False, verbose_name='it is happening')),
                ('scale', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='scale')),
                ('scope', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='scope')),
                ('irremediability', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='irremediability')),
                ('likelihood', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='likelihood')),
                ('conflict_driver', models.BooleanField(default=False, verbose_name='can feed the conflict')),
                ('involvement', models.CharField(choices=[('CAUSE', 'Causes it'), ('CONTRIBUTE', 'Contributes to it'), ('LINKED', 'Directly linked to it'), ('NONE', 'No link found'), ('UNKNOWN', 'Not assessed yet')], default='UNKNOWN', max_length=10, verbose_name='our involvement')),
                ('marked_salient', models.BooleanField(blank=True, null=True, verbose_name='salient')),
                ('salient_reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('owner_role', models.CharField(blank=True, max_length=80, verbose_name='owner (a role, no name)')),
                ('narrative', models.TextField(blank=True, max_length=2000, verbose_name='what we know; no names')),
                ('first_identified_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='first identified on')),
                ('last_assessed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('next_review_on', models.DateField(blank=True, null=True, verbose_name='next review')),
                ('status', models.CharField(choices=[('OPEN', 'Open'), ('MANAGED', 'Managed'), ('CLOSED', 'Closed')], default='OPEN', max_length=8, verbose_name='status')),
                ('closed_reason', models.CharField(blank=True, max_length=200, verbose_name='why it is closed')),
                ('severity_level', models.PositiveSmallIntegerField(editable=False)),
                ('severity_sum', models.PositiveSmallIntegerField(editable=False)),
                ('effective_likelihood', models.PositiveSmallIntegerField(editable=False)),
                ('score', models.DecimalField(decimal_places=2, editable=False, max_digits=5)),
                ('band', models.CharField(choices=[('CRITICAL', 'CRITICAL'), ('HIGH', 'HIGH'), ('MEDIUM', 'MEDIUM'), ('LOW', 'LOW')], editable=False, max_length=8)),
                ('salient', models.BooleanField(default=False, editable=False)),
                ('formula', models.CharField(default='SAL-1', editable=False, max_length=8)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('salient_second', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rights_issues', to='members.site')),
            ],
            options={
                'ordering': ['-score', 'id'],
                'indexes': [models.Index(fields=['organisation', '-score', 'id'], name='risks_right_organis_18404e_idx'), models.Index(fields=['-score', 'id'], name='risks_right_score_db9f41_idx'), models.Index(fields=['site'], name='risks_right_site_id_98f215_idx')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'number'), name='issue_number_once')],
            },
        ),
    ]
